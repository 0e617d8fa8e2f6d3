package main

import (
	"errors"
	"os"
	"path/filepath"
	"time"
)

var errEmpty = errors.New("nothing left")

type spool struct{ folder string }

func (s *spool) next() (string, error) {
	entries, err := os.ReadDir(s.folder) // want: n_plus_one CONCERN
	if err != nil {
		return "", err
	}
	for _, entry := range entries {
		return entry.Name(), nil
	}
	return "", errEmpty
}

func (s *spool) drain() {
	for {
		name, err := s.next()
		if err != nil {
			return
		}
		os.Remove(filepath.Join(s.folder, name))
	}
}

// fine: listed once per tick
func (s *spool) count() int {
	entries, _ := os.ReadDir(s.folder)
	return len(entries)
}

// fine: another directory each time
func (s *spool) all(folders []string) int {
	found := 0
	for _, folder := range folders {
		entries, _ := os.ReadDir(filepath.Join(s.folder, folder))
		found += len(entries)
	}
	return found
}

func main() {
	s := &spool{folder: "/var/spool/relay"}
	for range time.Tick(time.Minute) {
		s.drain()
		println(s.count(), s.all(os.Args))
	}
}
