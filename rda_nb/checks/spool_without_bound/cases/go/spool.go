package main

import (
	"net/http"
	"os"
	"path"
	"strconv"
)

type spool struct {
	dir string
	num int
}

func (s *spool) keep(w http.ResponseWriter, r *http.Request) {
	s.num++
	name := path.Join(s.dir, strconv.Itoa(s.num)+".msg")
	_ = os.WriteFile(name, []byte("set aside"), 0o600) // want: queue_bound CONCERN bounded=false
	_ = os.WriteFile(path.Join(s.dir, "state.json"), nil, 0o600)
}

func (s *spool) state(w http.ResponseWriter, r *http.Request) {
	_ = os.WriteFile(path.Join(s.dir, "state.json"), nil, 0o600) // fine: always the same file
}

func main() {
	s := &spool{dir: "/var/spool/app"}
	http.HandleFunc("/keep", s.keep)
	http.HandleFunc("/state", s.state)
	_ = http.ListenAndServe(":8080", nil)
}
