// A handle that one of several branches opens, and whose pool is asked of it afterwards, has the limit that is set on the pool.
package main

import (
	"net/http"

	"gorm.io/driver/mysql"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

type store struct{ db *gorm.DB }

func open(dialect, dsn string) (*store, error) {
	var db *gorm.DB
	var err error
	switch dialect {
	case "mysql":
		db, err = gorm.Open(mysql.Open(dsn), &gorm.Config{})
	case "postgres":
		db, err = gorm.Open(postgres.Open(dsn), &gorm.Config{})
	}
	if err != nil {
		return nil, err
	}
	pool, err := db.DB()
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(10)
	return &store{db}, nil
}

func (s *store) get(w http.ResponseWriter, r *http.Request) {
	var row struct{ ID int }
	s.db.WithContext(r.Context()).First(&row)
}

func main() {
	s, _ := open("mysql", "dsn")
	http.HandleFunc("/row", s.get)
	http.ListenAndServe(":8080", nil)
}
