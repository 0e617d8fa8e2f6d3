package main

import (
	"net/http"
)

type service struct{ client *http.Client }

// What somebody calls to run the service carries no load: it is told, and is no risk.
func (s *service) backup(w http.ResponseWriter, r *http.Request) {
	if response, err := s.client.Get("http://store.internal/dump"); err == nil { // want: http CONCERN bounded=false
		response.Body.Close()
	}
}

func (s *service) order(w http.ResponseWriter, r *http.Request) {
	if response, err := s.client.Get("http://ledger.internal/order"); err == nil { // want: http RISK bounded=false
		response.Body.Close()
	}
}

func main() {
	s := &service{client: &http.Client{}}
	http.HandleFunc("/admin/backup", s.backup)
	http.HandleFunc("/orders", s.order)
	http.ListenAndServe(":8080", nil)
}
