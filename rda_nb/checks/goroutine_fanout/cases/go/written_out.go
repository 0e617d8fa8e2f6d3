package main

import "net/http"

type name string

type watched struct{ of name }

func (w watched) delays() map[int]string {
	return map[int]string{
		5:  string(w.of) + "-5s",
		30: string(w.of) + "-30s",
	}
}

func (w watched) copies() []string {
	return []string{}
}

func ask(topic string) { http.Get("http://topics/" + topic) }

func (w watched) start(_ http.ResponseWriter, _ *http.Request) {
	for _, topic := range w.delays() {
		go ask(topic) // fine: as many as the function writes out
	}
	topics := w.delays()
	for _, topic := range topics {
		go ask(topic) // fine: the same by a name
	}
	for _, topic := range w.copies() {
		go ask(topic) // want: fanout CONCERN
	}
}

func main() {
	orders := watched{"orders"}
	http.HandleFunc("/start", orders.start)
	http.ListenAndServe(":8080", nil)
}
