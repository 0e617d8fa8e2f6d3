package main

import (
	"net/http"
	"regexp"
	"sync"
)

var slug = regexp.MustCompile(`^[a-z-]+$`)

var (
	once  sync.Once
	lazy  *regexp.Regexp
	known = map[string]*regexp.Regexp{}
)

type filter struct{ expression *regexp.Regexp }

func newFilter(text string) *filter { return &filter{expression: regexp.MustCompile(text)} }

func (f *filter) handle(w http.ResponseWriter, r *http.Request) {
	for _, tag := range r.Header.Values("Tag") {
		normalize(tag)
	}
	if !slug.MatchString(r.URL.Path) || !f.expression.MatchString(r.URL.Path) {
		return
	}
	once.Do(func() { lazy = regexp.MustCompile("x+") })
	lookup(r.URL.Path)
	byInput(r.URL.RawQuery)
}

func normalize(tag string) string {
	separators := regexp.MustCompile(`[\s_]+`) // want: regex_in_loop CONCERN
	return separators.ReplaceAllString(tag, "-")
}

// lookup compiles each pattern the first time only.
func lookup(pattern string) *regexp.Regexp {
	if found, ok := known[pattern]; ok {
		return found
	}
	known[pattern] = regexp.MustCompile(pattern)
	return known[pattern]
}

func byInput(text string) bool {
	matched, _ := regexp.MatchString(text, "x") // want: regex_in_loop CONCERN quiet=true
	return matched
}

func main() {
	f := newFilter("a+")
	http.HandleFunc("/", f.handle)
	http.ListenAndServe(":8080", nil)
}
