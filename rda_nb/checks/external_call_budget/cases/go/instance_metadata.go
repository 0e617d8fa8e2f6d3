package main

import (
	"context"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
)

type instance struct {
	metadata *imds.Client
	patient  *imds.Client
}

// The client ends a call after five seconds, unless the context says when.
func (i *instance) zone(w http.ResponseWriter, r *http.Request) {
	i.metadata.GetMetadata(context.Background(), &imds.GetMetadataInput{Path: "placement"}) // want: other GOOD timeout_s=5 worst_case=5 attempts=3
}

func (i *instance) region(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	i.metadata.GetRegion(ctx, &imds.GetRegionInput{}) // want: other GOOD timeout_s=30 worst_case=30
}

// Switched off.
func (i *instance) role(w http.ResponseWriter, r *http.Request) {
	i.patient.GetIAMInfo(context.Background(), &imds.GetIAMInfoInput{}) // want: other RISK bounded=false
}

func main() {
	var cfg aws.Config
	i := &instance{
		metadata: imds.NewFromConfig(cfg),
		patient:  imds.New(imds.Options{DisableDefaultTimeout: true}),
	}
	http.HandleFunc("/zone", i.zone)
	http.HandleFunc("/region", i.region)
	http.HandleFunc("/role", i.role)
	http.ListenAndServe(":8080", nil)
}
