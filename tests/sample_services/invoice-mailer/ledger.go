package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const (
	ledgerTable = "invoice_ledger"
	readTime    = 1500 * time.Millisecond
	writeTime   = 4 * time.Second
)

// Ledger remembers which invoices were mailed.
type Ledger struct {
	db *dynamodb.Client
}

// Sent tells whether the invoice was mailed before.
func (l *Ledger) Sent(ctx context.Context, invoice string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	out, err := l.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String(ledgerTable),
		Key:       map[string]types.AttributeValue{"invoice": &types.AttributeValueMemberS{Value: invoice}},
	})
	return err == nil && out.Item != nil, err
}

// Mark notes that the invoice was mailed.
func (l *Ledger) Mark(ctx context.Context, invoice string) error {
	ctx, cancel := context.WithTimeout(ctx, writeTime)
	defer cancel()
	_, err := l.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: aws.String(ledgerTable),
		Item:      map[string]types.AttributeValue{"invoice": &types.AttributeValueMemberS{Value: invoice}},
	})
	return err
}
