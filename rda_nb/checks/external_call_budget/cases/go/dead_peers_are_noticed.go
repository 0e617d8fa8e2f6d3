package main

import (
	"context"
	"net/http"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

type events struct{ api *kubernetes.Clientset }

// HTTP/2 pings end the wait for a server that is gone: nothing hangs for ever.
func (e *events) tell(w http.ResponseWriter, r *http.Request) {
	e.api.CoreV1().Events("default").Create(context.Background(), &v1.Event{}, metav1.CreateOptions{}) // want: other CONCERN bounded=false
}

func main() {
	config, _ := rest.InClusterConfig()
	api, _ := kubernetes.NewForConfig(config)
	told := &events{api: api}
	http.HandleFunc("/", told.tell)
	http.ListenAndServe(":8080", nil)
}
