// A handle that was given a context is governed by it, however many calls stand between the two.
package main

import (
	"context"
	"net/http"
	"time"

	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

type store struct{ db *gorm.DB }

type order struct{ ID int }

func (s *store) conn(ctx context.Context) *gorm.DB { return s.db.WithContext(ctx) }

func (s *store) handle(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	var found []order
	s.db.WithContext(ctx).Find(&found)                       // want: postgres GOOD timeout_s=2
	s.db.WithContext(ctx).Where("id > ?", 7).Find(&found)    // want: postgres GOOD timeout_s=2
	s.conn(ctx).Order("id").Limit(3).Find(&found)            // want: postgres GOOD timeout_s=2
	handle := s.db.Model(&order{}).WithContext(ctx)
	handle = handle.Where("id > ?", 7)
	handle.Count(new(int64))                                 // want: postgres GOOD timeout_s=2
	s.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error { // want: postgres GOOD timeout_s=2
		return tx.Create(&order{}).Error                     // want: postgres GOOD timeout_s=2
	})
	begun := s.db.WithContext(ctx).Begin()                   // want: postgres GOOD timeout_s=2
	begun.Create(&order{})                                   // want: postgres GOOD timeout_s=2
	begun.Commit()                                           // want: postgres GOOD timeout_s=2
	s.db.Where("id > ?", 7).Find(&found)                     // want: postgres RISK bounded=false
	s.db.WithContext(r.Context()).Find(&found)               // want: postgres CONCERN bounded=false
	s.db.Transaction(func(tx *gorm.DB) error {               // want: postgres RISK bounded=false
		return tx.Create(&order{}).Error                     // want: postgres RISK bounded=false
	})
}

func main() {
	db, _ := gorm.Open(postgres.Open("host=db"), &gorm.Config{})
	s := &store{db: db}
	http.HandleFunc("/order", s.handle)
	http.ListenAndServe(":8080", nil)
}
