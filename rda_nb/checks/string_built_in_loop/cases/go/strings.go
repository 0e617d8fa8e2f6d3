package main

import (
	"net/http"
	"strings"
)

func handle(w http.ResponseWriter, r *http.Request) {
	list := ""
	total, keys := 0, ""
	for _, key := range r.Header.Values("Key") {
		for _, tag := range r.Header.Values(key) {
			list += tag + "," // want: concat_in_loop CONCERN
			total += len(tag)
		}
	}
	// The few parameters of one request are no loop over items.
	query := ""
	for _, tag := range r.Header.Values("Tag") {
		query += "&" + tag
		// A string of the loop's own is as long as one item.
		one := tag
		one += "!"
		w.Write([]byte(one))
	}
	for _, word := range []string{"a", "b"} {
		list += word
	}
	for _, key := range r.Header.Values("Key") {
		name := ""
		for i, tag := range r.Header.Values(key) {
			if i == len(tag)-1 {
				name += ".wsp"
			}
			if i > 0 {
				name += "," // want: concat_in_loop CONCERN
			}
		}
		// Once for each key of the outer loop.
		for i := range r.Header.Values(key) {
			if i == 0 {
				total++
				keys += key // want: concat_in_loop CONCERN
			}
		}
	}
	var out strings.Builder
	for _, tag := range r.Header.Values("Tag") {
		out.WriteString(tag)
	}
	w.Write([]byte(list + keys))
}

func main() {
	usage := ""
	for _, word := range names() {
		usage += word
	}
	http.HandleFunc("/"+usage, handle)
	http.ListenAndServe(":8080", nil)
}
