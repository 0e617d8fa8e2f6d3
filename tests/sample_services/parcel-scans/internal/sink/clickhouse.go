// Package sink stores scans in ClickHouse and reads them back.
package sink

import (
	"context"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"go.example.com/parcel-scans/internal/config"
)

// Scan is one sighting of a parcel.
type Scan struct {
	ParcelID  string    `json:"parcel_id"`
	Depot     string    `json:"depot"`
	DepotName string    `json:"-"`
	Kind      string    `json:"kind"`
	ScannedAt time.Time `json:"scanned_at"`
}

// Open connects to ClickHouse.
func Open(cfg config.Config) (driver.Conn, error) {
	return clickhouse.Open(&clickhouse.Options{
		Addr:            []string{cfg.ClickHouseAddr},
		DialTimeout:     2 * time.Second,
		ReadTimeout:     5 * time.Second,
		MaxOpenConns:    cfg.MaxOpenConns,
		MaxIdleConns:    8,
		ConnMaxLifetime: time.Hour,
		Settings:        clickhouse.Settings{"max_execution_time": 10},
	})
}

const (
	selectWay = `SELECT parcel_id, depot, depot_name, kind, scanned_at
		FROM scans
		WHERE parcel_id = ? AND scanned_at >= ?
		ORDER BY scanned_at
		LIMIT 500`
	queryTimeout = 4 * time.Second
	kept         = 90 * 24 * time.Hour
)

// Way returns the scans of one parcel, oldest first, 500 at most.
func Way(ctx context.Context, conn driver.Conn, parcel string) ([]Scan, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	rows, err := conn.Query(ctx, selectWay, parcel, time.Now().Add(-kept))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found := make([]Scan, 0, 32)
	for rows.Next() {
		var scan Scan
		if err := rows.Scan(&scan.ParcelID, &scan.Depot, &scan.DepotName, &scan.Kind, &scan.ScannedAt); err != nil {
			return nil, err
		}
		found = append(found, scan)
	}
	return found, rows.Err()
}
