package main

import (
	"net/http"
	"time"

	"github.com/spf13/viper"
)

func open(names []string) map[string]*http.Server {
	servers := make(map[string]*http.Server)
	for _, name := range names {
		root := "listeners." + name
		server := &http.Server{Addr: viper.GetString(root + ".address")}
		viper.SetDefault(root+".timeout", 45)
		timeout := viper.GetInt(root + ".timeout")
		server.ReadTimeout = time.Duration(timeout) * time.Second // want: server_timeout GOOD value=45
		servers[name] = server
	}
	return servers
}

func main() {
	http.HandleFunc("POST /orders", func(w http.ResponseWriter, r *http.Request) {})
	servers := open([]string{"inside", "outside"})
	for _, server := range servers {
		go server.ListenAndServe() // ok: server_timeout: they are set where the servers are made.
	}
	select {}
}
