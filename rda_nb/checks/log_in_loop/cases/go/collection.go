package main

import (
	"log"
	"net/http"
)

type table struct{ rows []string }

type limits struct{ most int }

type store struct {
	tables map[string]*table
	limits limits
}

func (s *store) add(w http.ResponseWriter, r *http.Request) {
	t := s.tables[r.URL.Path]
	t.rows = append(t.rows, r.Method)
}

func (s *store) show(w http.ResponseWriter, r *http.Request) {
	log.Printf("tables: %+v", s.tables) // want: log_in_loop CONCERN
	log.Printf("limits: %+v", s.limits) // fine: two numbers
}

func main() {
	s := &store{tables: map[string]*table{"/": {}}}
	http.HandleFunc("POST /{table}", s.add)
	http.HandleFunc("GET /tables", s.show)
	http.ListenAndServe(":8080", nil)
}
