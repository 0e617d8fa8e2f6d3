// Package store keeps the last known state of each order in DynamoDB.
package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const (
	// Service limits of one call.
	maxWriteItems = 25
	maxGetKeys    = 100

	batchTries   = 5
	batchTimeout = 5 * time.Second
	firstPause   = 50 * time.Millisecond

	statusIndex = "status-updated_at-index"
	pageSize    = 200
)

// State is the item of one order.
type State struct {
	TenantID  string
	OrderID   string
	Version   int64
	Status    string
	UpdatedAt time.Time
}

// Key identifies one order.
type Key struct {
	TenantID string
	OrderID  string
}

// Orders is the table of order states. It is safe for concurrent use.
type Orders struct {
	db      *dynamodb.Client
	table   string
	timeout time.Duration
}

// New returns the store over an existing table.
func New(db *dynamodb.Client, table string, timeout time.Duration) *Orders {
	return &Orders{db: db, table: table, timeout: timeout}
}

// LastVersions returns the stored version of each order; an order that was never seen has version 0.
func (o *Orders) LastVersions(ctx context.Context, keys []Key) (map[Key]int64, error) {
	versions := make(map[Key]int64, len(keys))
	for _, key := range keys {
		state, err := o.Get(ctx, key)
		if err != nil {
			return nil, err
		}
		versions[key] = state.Version
	}
	return versions, nil
}

// Get reads one order; the zero State means that there is none.
func (o *Orders) Get(ctx context.Context, key Key) (State, error) {
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	out, err := o.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:      aws.String(o.table),
		Key:            key.item(),
		ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return State{}, fmt.Errorf("get order %s: %w", key.OrderID, err)
	}
	return fromItem(out.Item)
}

// GetMany reads orders in batches and returns those that exist, in no particular order.
func (o *Orders) GetMany(ctx context.Context, keys []Key) ([]State, error) {
	states := make([]State, 0, len(keys))
	for start := 0; start < len(keys); start += maxGetKeys {
		chunk := keys[start:min(start+maxGetKeys, len(keys))]
		wanted := make([]map[string]types.AttributeValue, 0, len(chunk))
		for _, key := range chunk {
			wanted = append(wanted, key.item())
		}
		found, err := o.getChunk(ctx, wanted)
		if err != nil {
			return nil, err
		}
		states = append(states, found...)
	}
	return states, nil
}

func (o *Orders) getChunk(ctx context.Context, wanted []map[string]types.AttributeValue) ([]State, error) {
	ctx, cancel := context.WithTimeout(ctx, batchTimeout)
	defer cancel()
	states := make([]State, 0, len(wanted))
	request := map[string]types.KeysAndAttributes{o.table: {Keys: wanted}}
	for try := 0; len(request) > 0; try++ {
		if try == batchTries {
			return nil, fmt.Errorf("batch get: %d keys unprocessed after %d tries", len(request[o.table].Keys), batchTries)
		}
		if err := pause(ctx, try); err != nil {
			return nil, err
		}
		out, err := o.db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: request})
		if err != nil {
			return nil, fmt.Errorf("batch get: %w", err)
		}
		for _, item := range out.Responses[o.table] {
			state, err := fromItem(item)
			if err != nil {
				return nil, err
			}
			states = append(states, state)
		}
		request = out.UnprocessedKeys
	}
	return states, nil
}

// PutMany writes states in batches; items that DynamoDB hands back are tried again with growing pauses.
func (o *Orders) PutMany(ctx context.Context, states []State) error {
	for start := 0; start < len(states); start += maxWriteItems {
		chunk := states[start:min(start+maxWriteItems, len(states))]
		writes := make([]types.WriteRequest, 0, len(chunk))
		for _, state := range chunk {
			writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: state.item()}})
		}
		if err := o.putChunk(ctx, writes); err != nil {
			return err
		}
	}
	return nil
}

func (o *Orders) putChunk(ctx context.Context, writes []types.WriteRequest) error {
	request := map[string][]types.WriteRequest{o.table: writes}
	for try := 0; try < batchTries; try++ {
		if err := pause(ctx, try); err != nil {
			return err
		}
		callCtx, cancel := context.WithTimeout(ctx, batchTimeout)
		out, err := o.db.BatchWriteItem(callCtx, &dynamodb.BatchWriteItemInput{RequestItems: request})
		cancel()
		if err != nil {
			return fmt.Errorf("batch write: %w", err)
		}
		if len(out.UnprocessedItems) == 0 {
			return nil
		}
		request = out.UnprocessedItems
	}
	return fmt.Errorf("batch write: %d items unprocessed after %d tries", len(request[o.table]), batchTries)
}

// CountStale counts the orders that have had a status since before a point in time.
func (o *Orders) CountStale(ctx context.Context, status string, before time.Time) (int, error) {
	total := 0
	var from map[string]types.AttributeValue
	for {
		out, err := o.db.Query(ctx, &dynamodb.QueryInput{
			TableName:                aws.String(o.table),
			IndexName:                aws.String(statusIndex),
			Select:                   types.SelectCount,
			KeyConditionExpression:   aws.String("#s = :status AND updated_at < :before"),
			ExpressionAttributeNames: map[string]string{"#s": "status"},
			ExpressionAttributeValues: map[string]types.AttributeValue{
				":status": &types.AttributeValueMemberS{Value: status},
				":before": number(before.Unix()),
			},
			Limit:             aws.Int32(pageSize),
			ExclusiveStartKey: from,
		})
		if err != nil {
			return 0, fmt.Errorf("query %s: %w", statusIndex, err)
		}
		total += int(out.Count)
		if len(out.LastEvaluatedKey) == 0 {
			return total, nil
		}
		from = out.LastEvaluatedKey
	}
}

// pause waits 50, 100, 200 ... ms before every try but the first.
func pause(ctx context.Context, try int) error {
	if try == 0 {
		return nil
	}
	timer := time.NewTimer(firstPause << (try - 1))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (k Key) item() map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		"tenant_id": &types.AttributeValueMemberS{Value: k.TenantID},
		"order_id":  &types.AttributeValueMemberS{Value: k.OrderID},
	}
}

func (s State) item() map[string]types.AttributeValue {
	item := Key{TenantID: s.TenantID, OrderID: s.OrderID}.item()
	item["version"] = number(s.Version)
	item["status"] = &types.AttributeValueMemberS{Value: s.Status}
	item["updated_at"] = number(s.UpdatedAt.Unix())
	return item
}

func fromItem(item map[string]types.AttributeValue) (State, error) {
	if len(item) == 0 {
		return State{}, nil
	}
	version, err := integer(item, "version")
	if err != nil {
		return State{}, err
	}
	updated, err := integer(item, "updated_at")
	if err != nil {
		return State{}, err
	}
	return State{
		TenantID:  text(item, "tenant_id"),
		OrderID:   text(item, "order_id"),
		Version:   version,
		Status:    text(item, "status"),
		UpdatedAt: time.Unix(updated, 0).UTC(),
	}, nil
}

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func text(item map[string]types.AttributeValue, name string) string {
	if value, ok := item[name].(*types.AttributeValueMemberS); ok {
		return value.Value
	}
	return ""
}

func integer(item map[string]types.AttributeValue, name string) (int64, error) {
	value, ok := item[name].(*types.AttributeValueMemberN)
	if !ok {
		return 0, fmt.Errorf("attribute %s is not a number", name)
	}
	return strconv.ParseInt(value.Value, 10, 64)
}
