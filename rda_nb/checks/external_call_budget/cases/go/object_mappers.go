// Mappers that stand before SQL: the query runs on the handle, and ends with the context that the handle or call was given.
package main

import (
	"context"
	"net/http"
	"time"

	"github.com/georgysavva/scany/v2/pgxscan"
	"github.com/go-pg/pg/v10"
	"github.com/gobuffalo/pop/v6"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/lib/pq"
	"xorm.io/xorm"
)

type store struct {
	pool   *pgxpool.Pool
	usual  *pg.DB
	bound  *pg.DB
	engine *xorm.Engine
	pop    *pop.Connection
}

type order struct{ ID int }

func (s *store) handle(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
	defer cancel()
	var found []order
	pgxscan.Select(ctx, s.pool, &found, "SELECT * FROM orders")                  // want: postgres GOOD timeout_s=3
	pgxscan.Get(context.Background(), s.pool, &order{}, "SELECT * FROM orders")  // want: postgres RISK bounded=false
	s.usual.Model(&found).Where("id > ?", 7).Select()                            // want: postgres RISK bounded=false
	s.usual.ModelContext(ctx, &found).Where("id > ?", 7).Select()                // want: postgres GOOD timeout_s=3
	s.bound.Exec("DELETE FROM orders WHERE id = ?", 7)                           // want: postgres GOOD attempts=3 worst_case_s=46.25
	s.engine.Where("id > ?", 7).Find(&found)                                     // want: postgres RISK bounded=false
	s.engine.Context(ctx).Where("id > ?", 7).Find(&found)                        // want: postgres GOOD timeout_s=3
	s.pop.Where("id > ?", 7).All(&found)                                         // want: postgres RISK bounded=false
	s.pop.WithContext(ctx).Transaction(func(tx *pop.Connection) error {          // want: postgres GOOD timeout_s=3
		return tx.Where("id > ?", 7).First(&order{})                             // want: postgres GOOD timeout_s=3
	})
}

func main() {
	pool, _ := pgxpool.New(context.Background(), "postgres://db/orders")
	usual := pg.Connect(&pg.Options{Addr: "db:5432"})
	bound := pg.Connect(&pg.Options{Addr: "db:5432", ReadTimeout: 4 * time.Second, WriteTimeout: time.Second, MaxRetries: 2})
	engine, _ := xorm.NewEngine("postgres", "postgres://db/orders")
	conn, _ := pop.NewConnection(&pop.ConnectionDetails{Dialect: "postgres", Pool: 8})
	s := &store{pool: pool, usual: usual, bound: bound, engine: engine, pop: conn}
	http.HandleFunc("/orders", s.handle)
	http.ListenAndServe(":8080", nil)
}
