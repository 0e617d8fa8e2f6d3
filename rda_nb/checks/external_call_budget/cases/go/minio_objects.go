// The client has no timeout of its own: an object whose bytes stop coming ends with the context alone.
package main

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/minio/minio-go/v7"
	old "github.com/minio/minio-go/v6"
)

type objects struct {
	client *minio.Client
	before *old.Client
}

func (o *objects) handle(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
	defer cancel()
	object, err := o.client.GetObject(ctx, "orders", r.URL.Path, minio.GetObjectOptions{}) // want: s3 GOOD attempts=10 worst_case_s=5
	if err != nil {
		return
	}
	object.Stat() // want: s3 GOOD worst_case_s=5
	io.Copy(w, object)
	o.client.PutObject(context.Background(), "orders", r.URL.Path, r.Body, -1, minio.PutObjectOptions{}) // want: s3 RISK bounded=false
	o.before.StatObject("orders", r.URL.Path, old.StatObjectOptions{})                               // want: s3 RISK bounded=false
	o.before.FPutObjectWithContext(ctx, "orders", r.URL.Path, "/tmp/o", old.PutObjectOptions{})      // want: s3 GOOD worst_case_s=5
}

func main() {
	client, _ := minio.New("minio:9000", &minio.Options{Secure: true})
	before, _ := old.New("minio:9000", "key", "secret", true)
	o := &objects{client: client, before: before}
	http.HandleFunc("/objects/", o.handle)
	http.ListenAndServe(":8080", nil)
}
