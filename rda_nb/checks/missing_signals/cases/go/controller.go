package main

import (
	"context"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	ctrl "sigs.k8s.io/controller-runtime"
)

var scanned = promauto.NewCounter(prometheus.CounterOpts{Name: "images_scanned_total"})

type updater struct{ client *http.Client }

// The manager serves depth, waiting time and work time of each controller's queue.
func (u *updater) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) { // fine: measured by its library
	scanned.Inc()
	answer, err := u.client.Get("http://registry/" + req.Name)
	if err != nil {
		return ctrl.Result{}, err
	}
	return ctrl.Result{}, answer.Body.Close()
}

func main() {
	manager, _ := ctrl.NewManager(ctrl.GetConfigOrDie(), ctrl.Options{})
	_ = ctrl.NewControllerManagedBy(manager).Complete(&updater{client: &http.Client{}})
	_ = manager.Start(ctrl.SetupSignalHandler())
}
