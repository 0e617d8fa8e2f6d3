// A drain waits for pods to end: minutes are what it was told to wait, for ever is too long.
package main

import (
	"net/http"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/kubectl/pkg/drain"
)

type drainer struct{ client kubernetes.Interface }

func (d *drainer) handle(w http.ResponseWriter, req *http.Request) {
	helper := &drain.Helper{Client: d.client, Timeout: 15 * time.Minute}
	drain.RunNodeDrain(helper, req.URL.Path) // want: other GOOD worst_case_s=900
}

func (d *drainer) patient(w http.ResponseWriter, req *http.Request) {
	helper := &drain.Helper{Client: d.client}
	drain.RunNodeDrain(helper, req.URL.Path) // want: other RISK bounded=false
}

func main() {
	d := &drainer{}
	http.HandleFunc("/drain", d.handle)
	http.HandleFunc("/drain-all", d.patient)
	http.ListenAndServe(":8080", nil)
}
