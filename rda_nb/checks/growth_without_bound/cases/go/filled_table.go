// A table that a loop fills from its length up to what is asked for is as long as the largest that was ever asked for.
package main

import (
	"net/http"
	"strconv"
)

var steps = []int{0, 1}

var seen []string

func step(n int) int {
	for i := len(steps) - 1; i < n; i++ {
		steps = append(steps, steps[i-1]+steps[i])
	}
	return steps[n]
}

func main() {
	http.HandleFunc("/step", func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte(strconv.Itoa(step(10))))
		seen = append(seen, r.URL.Path) // want: queue_bound RISK
	})
	http.ListenAndServe(":8080", nil)
}
