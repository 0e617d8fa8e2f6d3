package main

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

const (
	insertView = `INSERT INTO product_views (product, tenant, at) VALUES (?, ?, ?)`
	dailyViews = `SELECT toDate(at) AS day, count() AS views FROM product_views WHERE product = ? GROUP BY day ORDER BY day DESC LIMIT 366`

	recordTime = 2 * time.Second
	reportTime = 12 * time.Second
)

// View is one look at a product.
type View struct {
	Product string
	Tenant  string
	At      time.Time
}

// Day is the number of views on one day.
type Day struct {
	Day   time.Time `ch:"day"`
	Views uint64    `ch:"views"`
}

// Statistics keeps and counts views.
type Statistics struct {
	conn driver.Conn
}

// Record stores one view.
func (s *Statistics) Record(ctx context.Context, v View) error {
	ctx, cancel := context.WithTimeout(ctx, recordTime)
	defer cancel()
	return s.conn.Exec(ctx, insertView, v.Product, v.Tenant, v.At)
}

// Daily counts the views of a product by day.
func (s *Statistics) Daily(ctx context.Context, product string) ([]Day, error) {
	ctx, cancel := context.WithTimeout(ctx, reportTime)
	defer cancel()
	var days []Day
	err := s.conn.Select(ctx, &days, dailyViews, product)
	return days, err
}
