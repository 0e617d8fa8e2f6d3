// The driver sends a write to one document again, and a write to many or a command only once.
package main

import (
	"context"
	"net/http"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
)

type store struct{ tokens *mongo.Collection }

func (s *store) forget(w http.ResponseWriter, req *http.Request) {
	ctx, cancel := context.WithTimeout(req.Context(), 5*time.Second)
	defer cancel()
	s.tokens.DeleteMany(ctx, bson.M{"sub": req.URL.Path})  // want: mongodb GOOD attempts=1
	s.tokens.DeleteOne(ctx, bson.M{"sub": req.URL.Path})   // want: mongodb GOOD attempts=2
	s.tokens.Database().RunCommand(ctx, bson.M{"ping": 1}) // want: mongodb GOOD attempts=1
	s.tokens.Database().Client().Ping(ctx, nil)            // want: mongodb GOOD attempts=1
	s.tokens.Indexes().CreateMany(ctx, nil)                // want: mongodb GOOD attempts=1
	s.tokens.Drop(ctx)                                     // want: mongodb GOOD attempts=1
	s.tokens.Distinct(ctx, "sub", bson.M{})                // want: mongodb GOOD attempts=2
	s.tokens.Database().ListCollectionNames(ctx, bson.M{}) // want: mongodb GOOD attempts=2
}

func main() {
	client, err := mongo.Connect(context.Background())
	if err != nil {
		panic(err)
	}
	s := &store{client.Database("d").Collection("tokens")}
	http.HandleFunc("/forget", s.forget)
	http.ListenAndServe(":8080", nil)
}
