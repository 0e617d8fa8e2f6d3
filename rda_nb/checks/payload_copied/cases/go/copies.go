package main

import (
	"io"
	"net/http"
)

func handle(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	text := string(raw) // want: alloc_in_loop CONCERN
	name := string(r.URL.Path)
	send("x", text, name)
}

func send(params, content, name string) {
	data := params + "\n" + content // want: alloc_in_loop CONCERN
	label := params + name
	_, _ = data, label
}

func main() {
	http.HandleFunc("/", handle)
	http.ListenAndServe(":8080", nil)
}
