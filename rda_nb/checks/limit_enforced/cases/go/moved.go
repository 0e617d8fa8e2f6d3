package main

import "errors"

const (
	pageSize  = 500
	maxErrors = 10
)

func page(skip int) []int { return nil }

func work(one int) error { return nil }

// What is compared with grows: nothing is held back.
func highest(values []int) int {
	maxValue := 1
	for _, value := range values {
		if value > maxValue { // fine
			maxValue = value
		}
	}
	return maxValue
}

// A page that is not full is the last one; the size is held to where the page is asked for.
func walk() {
	for skip := 0; ; skip += pageSize {
		rows := page(skip)
		for _, row := range rows {
			work(row)
		}
		if len(rows) < pageSize { // fine
			break
		}
	}
}

func give(values []int) error {
	failed := 0
	for _, value := range values {
		if err := work(value); err != nil {
			failed++
		}
		if failed > maxErrors { // want: backoff GOOD value=10
			return errors.New("too many")
		}
	}
	return nil
}

// Here the break leaves the select: what is not full yet goes on to be filled.
func gather(queue chan int) {
	var held []int
	for {
		select {
		case one := <-queue:
			held = append(held, one)
			if len(held) < pageSize { // want: batch_size GOOD value=500
				break
			}
			work(len(held))
			held = nil
		}
	}
}
