package main

import (
	"time"

	"github.com/aws/aws-sdk-go/service/sqs"
)

type logs interface{ Errorf(format string, args ...interface{}) }

type toFile struct{}

func (toFile) Errorf(string, ...interface{}) {}

type toNobody struct{}

func (toNobody) Errorf(string, ...interface{}) {}

type toAll struct{ all []logs }

func (l toAll) Errorf(format string, args ...interface{}) {
	for _, one := range l.all {
		one.Errorf(format, args...)
	}
}

type toTest struct{}

func (toTest) Errorf(string, ...interface{}) {}

type reader struct {
	queue *sqs.SQS
	logs  logs
	stop  chan bool
	found chan *sqs.Message
}

// One way in: the pause of a turn without messages is no schedule of its own.
func (r *reader) start() { // want: queue_consumer RISK
	go func() {
		for {
			select {
			case <-r.stop:
				return
			default:
				messages := r.receive()
				if len(messages) == 0 {
					<-time.After(100 * time.Millisecond)
					continue
				}
				for _, message := range messages {
					r.found <- message
				}
			}
		}
	}()
}

func (r *reader) receive() []*sqs.Message {
	answer, err := r.queue.ReceiveMessage(&sqs.ReceiveMessageInput{})
	if err != nil {
		r.logs.Errorf("%v", err)
		return nil
	}
	return answer.Messages
}

// None of the many that a logger may be waits for anybody.
func (r *reader) work() { // want: stream_processor GOOD
	for message := range r.found {
		r.logs.Errorf("%s", *message.Body)
	}
}

func main() {
	r := &reader{logs: toAll{[]logs{toFile{}, toNobody{}, toTest{}}}, found: make(chan *sqs.Message)}
	r.start()
	r.work()
}
