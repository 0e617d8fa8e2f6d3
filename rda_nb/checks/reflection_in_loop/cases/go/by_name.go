package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
)

type item struct{ Name string }

func handle(w http.ResponseWriter, r *http.Request) {
	var items []item
	json.NewDecoder(r.Body).Decode(&items)
	for _, one := range items {
		value := reflect.ValueOf(one)
		fmt.Fprintln(w, value.FieldByName("Name")) // want: reflection CONCERN
	}
	// Once per request it costs nothing that would show.
	reflect.ValueOf(items[0]).FieldByName("Name")
}

func register(types []item) {
	for _, one := range types {
		reflect.ValueOf(one).FieldByName("Name")
	}
}

func main() {
	register(nil)
	http.HandleFunc("/", handle)
	http.ListenAndServe(":8080", nil)
}
