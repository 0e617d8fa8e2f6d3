package main

import (
	"database/sql"
	"net/http"
	"os/exec"
	"sync"
	"time"
)

var (
	mu    sync.Mutex
	shared *sql.DB
	kept   sync.Map
	pools = map[string]*sql.DB{}
)

type server struct {
	db  *sql.DB
	web *http.Client
}

func newServer() *server {
	db, _ := sql.Open("postgres", "postgres://db")
	return &server{db: db, web: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32}}}
}

func (s *server) handle(w http.ResponseWriter, r *http.Request) {
	db, _ := sql.Open("postgres", "postgres://db") // want: client_per_call CONCERN
	defer db.Close()
	label(r.URL.Path)
	tenant(r.URL.Host)
	s.conn()
	reload()
	stored(r.URL.Host)
	// A client without a transport of its own shares the default one's connections.
	short := http.Client{Timeout: time.Second}
	short.Get("http://store")
}

func label(name string) {
	exec.Command("kubectl", "label", "node", name).Run() // want: client_per_call CONCERN
}

// tenant opens one pool per tenant, the first time.
func tenant(name string) *sql.DB {
	mu.Lock()
	defer mu.Unlock()
	if db, ok := pools[name]; ok {
		return db
	}
	db, _ := sql.Open("postgres", "postgres://"+name)
	pools[name] = db
	return db
}

// stored keeps each pool it makes in a store of its own kind.
func stored(name string) *sql.DB {
	if db, ok := kept.Load(name); ok {
		if err := db.(*sql.DB).Ping(); err == nil {
			return db.(*sql.DB)
		}
	}
	db, _ := sql.Open("postgres", "postgres://"+name)
	kept.Store(name, db)
	return db
}

// reload replaces the client that all share.
func reload() {
	shared, _ = sql.Open("postgres", "postgres://db")
}

func (s *server) conn() *sql.DB {
	if s.db == nil {
		s.db, _ = sql.Open("postgres", "postgres://db")
	}
	return s.db
}

func main() {
	s := newServer()
	http.HandleFunc("/", s.handle)
	http.ListenAndServe(":8080", nil)
}
