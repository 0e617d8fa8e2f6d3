package main

import (
	"net/http"
	"sync"
	"time"
)

var client = &http.Client{Timeout: 5 * time.Second}

func work(id string) error {
	_, err := client.Get("http://store/" + id)
	return err
}

// Each turn waits for its own goroutine: five places, one of them used.
func serial(w http.ResponseWriter, r *http.Request) {
	guard := make(chan struct{}, 5)
	errs := make(chan error, 1)
	for _, id := range r.Header.Values("Id") {
		guard <- struct{}{}
		go func() { // want: concurrency CONCERN
			errs <- work(id)
			<-guard
		}()
		if err := <-errs; err != nil {
			return
		}
	}
}

func one(id string, guard chan struct{}, done *sync.WaitGroup) (err error) {
	errs := make(chan error, 1)
	guard <- struct{}{}
	done.Add(1)
	go func() { // want: concurrency CONCERN
		err := work(id)
		if err != nil {
			println(id)
		}
		errs <- err
		<-guard
		done.Done()
	}()
	err = <-errs
	return err
}

func each(w http.ResponseWriter, r *http.Request) {
	var done sync.WaitGroup
	guard := make(chan struct{}, 5)
	for _, id := range r.Header.Values("Id") {
		one(id, guard, &done)
	}
	done.Wait()
}

func shared(id string, guard chan struct{}) {
	errs := make(chan error, 1)
	guard <- struct{}{}
	// fine: its callers run side by side, and the semaphore is theirs together.
	go func() {
		errs <- work(id)
		<-guard
	}()
	<-errs
}

func beside(w http.ResponseWriter, r *http.Request) {
	guard := make(chan struct{}, 5)
	var done sync.WaitGroup
	for _, id := range r.Header.Values("Id") {
		done.Add(1)
		go func() { // want: fanout CONCERN
			defer done.Done()
			shared(id, guard)
		}()
	}
	done.Wait()
}

// Each request makes five places of its own: so many run for each request.
func own(w http.ResponseWriter, r *http.Request) {
	guard := make(chan struct{}, 5)
	for _, id := range r.Header.Values("Id") {
		guard <- struct{}{}
		go func() { // want: fanout GOOD claim=At_most_as_many_run_at_once_as_a_semaphore_taken_before_the_start,_made_anew_by_each_call_of_own,_lets_(5).
			defer func() { <-guard }()
			work(id)
		}()
	}
}

var places = make(chan struct{}, 7)

// fine: all requests share the places.
func common(w http.ResponseWriter, r *http.Request) {
	for _, id := range r.Header.Values("Id") {
		places <- struct{}{}
		go func() { // want: fanout GOOD claim=At_most_as_many_run_at_once_as_a_semaphore_taken_before_the_start_lets_(7).
			defer func() { <-places }()
			work(id)
		}()
	}
}

// fine: what is received says that the goroutine has begun, not that it has ended.
func begun(w http.ResponseWriter, r *http.Request) {
	guard := make(chan struct{}, 5)
	ready := make(chan bool)
	for _, id := range r.Header.Values("Id") {
		guard <- struct{}{}
		go func() { // want: fanout GOOD value=5
			ready <- true
			work(id)
			<-guard
		}()
		<-ready
	}
}

func all(id string, count int) {
	for i := 0; i < count; i++ {
		work(id)
	}
}

// A goroutine of many calls lasts longer than one of them.
func many(w http.ResponseWriter, r *http.Request) {
	go all(r.URL.Path, len(r.Header)) // want: fanout CONCERN claim=Every_call_of_many_(/many)_starts_a_goroutine_that_waits_for_another_process;_nothing_limits_how_many_run_at_once,_each_call_for_up_to_5_s.
	go work(r.URL.Path) // want: fanout CONCERN claim=Every_call_of_many_(/many)_starts_a_goroutine_that_waits_for_another_process;_nothing_limits_how_many_run_at_once,_each_for_up_to_5_s.
}

func main() {
	http.HandleFunc("/serial", serial)
	http.HandleFunc("/each", each)
	http.HandleFunc("/beside", beside)
	http.HandleFunc("/begun", begun)
	http.HandleFunc("/own", own)
	http.HandleFunc("/common", common)
	http.HandleFunc("/many", many)
	http.ListenAndServe(":8080", nil)
}
