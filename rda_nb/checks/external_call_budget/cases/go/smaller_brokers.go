// What a producer of NSQ, MQTT or asynq waits for: its own limits, a token without an end, Redis behind a task queue.
package main

import (
	"context"
	"net/http"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"github.com/hibiken/asynq"
	"github.com/nsqio/go-nsq"
)

type sender struct {
	nsq   *nsq.Producer
	quick *nsq.Producer
	mqtt  mqtt.Client
	tasks *asynq.Client
}

func (s *sender) handle(w http.ResponseWriter, r *http.Request) {
	s.nsq.Publish("orders", []byte("1"))   // want: other GOOD attempts=1 worst_case_s=62
	s.quick.Publish("orders", []byte("1")) // want: other GOOD attempts=1 worst_case_s=7
	s.nsq.PublishAsync("orders", []byte("1"), nil)
	token := s.mqtt.Publish("orders", 1, false, "1") // want: other GOOD worst_case_s=30
	token.WaitTimeout(5 * time.Second)              // want: other GOOD timeout_s=5
	sent := s.mqtt.Publish("orders", 1, false, "2") // want: other GOOD worst_case_s=30
	if sent.Wait() && sent.Error() != nil {         // want: other RISK bounded=false
		return
	}
	s.tasks.Enqueue(asynq.NewTask("order", nil)) // want: redis CONCERN attempts=4 worst_case_s=165.77
	s.tasks.EnqueueContext(context.Background(), asynq.NewTask("order", nil), asynq.MaxRetry(5)) // want: redis CONCERN attempts=4
}

func main() {
	usual, _ := nsq.NewProducer("nsqd:4150", nsq.NewConfig())
	config := nsq.NewConfig()
	config.ReadTimeout = 5 * time.Second
	quick, _ := nsq.NewProducer("nsqd:4150", config)
	client := mqtt.NewClient(mqtt.NewClientOptions().AddBroker("tcp://broker:1883"))
	if token := client.Connect(); token.Wait() && token.Error() != nil { // want: other GAP
		return
	}
	tasks := asynq.NewClient(asynq.RedisClientOpt{Addr: "redis:6379"})
	s := &sender{nsq: usual, quick: quick, mqtt: client, tasks: tasks}
	http.HandleFunc("/orders", s.handle)
	http.ListenAndServe(":8080", nil)
}
