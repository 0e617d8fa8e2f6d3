package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/hashicorp/golang-lru/v2/expirable"
)

const (
	cacheEntries  = 5000
	cacheLifetime = 30 * time.Second
	lookupTime    = 800 * time.Millisecond
)

// Product is one article.
type Product struct {
	ID   string
	Name string
}

// Products reads from DynamoDB through a small cache.
type Products struct {
	db    *dynamodb.Client
	cache *expirable.LRU[string, Product]
}

// NewProducts returns an empty cache in front of the table.
func NewProducts(db *dynamodb.Client) *Products {
	return &Products{db: db, cache: expirable.NewLRU[string, Product](cacheEntries, nil, cacheLifetime)}
}

// Get returns a product.
func (p *Products) Get(ctx context.Context, id string) (Product, error) {
	if found, ok := p.cache.Get(id); ok {
		return found, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	out, err := p.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String("products"),
		Key:       map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: id}},
	})
	if err != nil {
		return Product{}, err
	}
	found := Product{ID: id}
	if name, ok := out.Item["name"].(*types.AttributeValueMemberS); ok {
		found.Name = name.Value
	}
	p.cache.Add(id, found)
	return found, nil
}
