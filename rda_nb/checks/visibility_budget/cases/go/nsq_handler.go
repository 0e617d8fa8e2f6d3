// nsqd hands a message out again after its timeout, which starts anew with each Touch.
package main

import (
	"net/http"
	"time"

	"github.com/nsqio/go-nsq"
)

type hooks struct{ client *http.Client }

func (h *hooks) HandleMessage(m *nsq.Message) error {
	answer, err := h.client.Get("http://hooks/" + string(m.Body))
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

type patient struct{ client *http.Client }

// fine: the consumer asks for more time than the call may take
func (p *patient) HandleMessage(m *nsq.Message) error {
	answer, err := p.client.Get("http://hooks/" + string(m.Body))
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

type touching struct{ client *http.Client }

// fine: it asks for more time while it works
func (t *touching) HandleMessage(m *nsq.Message) error {
	m.Touch()
	answer, err := t.client.Get("http://hooks/" + string(m.Body))
	if err != nil {
		return err
	}
	return answer.Body.Close()
}

func main() {
	client := &http.Client{Timeout: 90 * time.Second}
	config := nsq.NewConfig()
	config.MsgTimeout = 2 * time.Minute
	usual, _ := nsq.NewConsumer("orders", "hooks", nsq.NewConfig())
	usual.AddHandler(&hooks{client: client}) // want: visibility_timeout RISK
	longer, _ := nsq.NewConsumer("orders", "patient", config)
	longer.AddHandler(&patient{client: client})
	held, _ := nsq.NewConsumer("orders", "touching", nsq.NewConfig())
	held.AddHandler(&touching{client: client})
	select {}
}
