package main

import (
	"fmt"
	"net/http"
)

type Grid struct {
	Params GridParams `json:"params"`
}

type GridParams struct {
	Query        string `json:"query"`
	ItemsPerPage int    `json:"itemsPerPage"`
}

// The page that shows the grid reads it.
func (g *Grid) complete() {
	if g.Params.ItemsPerPage == 0 {
		g.Params.ItemsPerPage = 5 // fine: no setting of this service
	}
}

func main() {
	http.HandleFunc("/grid", func(w http.ResponseWriter, r *http.Request) {
		grid := &Grid{}
		grid.complete()
		fmt.Fprintln(w, grid.Params.Query)
	})
	http.ListenAndServe(":8080", nil)
}
