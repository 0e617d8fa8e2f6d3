package main

import (
	"context"
	"net/http"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

type asked struct{ ID string }

type answer struct{ Body string }

type api struct{ client *http.Client }

func (a *api) list(ctx context.Context, in *asked) (*answer, error) { return &answer{}, nil }

func (a *api) stop(ctx context.Context, in *asked) (*answer, error) {
	_, err := a.client.Get("http://orders/" + in.ID)
	return &answer{}, err
}

func (a *api) counted(message *message.Message) error {
	_, err := a.client.Get("http://counts/" + message.UUID)
	return err
}

func stopDocs() huma.Operation {
	return huma.Operation{
		Method:  http.MethodPost,
		Summary: "Stop an order",
	}
}

// Each call of the helper is a route; what the helper's own handler does is done on all.
func register[I, O any](path string, handler func(context.Context, *I) (*O, error), op huma.Operation, to huma.API) {
	op.Path = path
	huma.Register(to, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handler(ctx, in)
		if err != nil {
			return nil, err
		}
		return out, nil
	})
}

func routes(a *api, to huma.API) {
	huma.Get(to, "/orders", a.list) // want: api_route GOOD flow=GET_/orders
	huma.Register(to, huma.Operation{ // want: api_route GOOD flow=PUT_/orders/{id}
		Method: http.MethodPut,
		Path:   "/orders/{id}",
	}, a.list)
	register("/orders/{id}/stop", a.stop, stopDocs(), to) // want: api_route RISK flow=POST_/orders/{id}/stop
}

func consume(a *api, router *message.Router, from message.Subscriber, topics []string) {
	for _, topic := range topics {
		router.AddConsumerHandler("counts-"+topic, topic, from, counting(a)) // want: queue_consumer RISK
	}
}

func counting(a *api) message.NoPublishHandlerFunc {
	return func(message *message.Message) error { return a.counted(message) }
}

func main() {
	a := &api{client: &http.Client{}}
	mux := http.NewServeMux()
	routes(a, humago.New(mux, huma.DefaultConfig("orders", "1")))
	router, _ := message.NewRouter(message.RouterConfig{}, nil)
	consume(a, router, nil, []string{"orders"})
	http.ListenAndServe(":8080", mux)
}
