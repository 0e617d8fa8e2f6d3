package api

import (
	"strconv"
	"testing"
	"time"
)

func TestRevenueCacheEvictsTheOldest(t *testing.T) {
	cache := newRevenueCache(2, time.Hour)
	for i := range 3 {
		cache.put(strconv.Itoa(i), []revenueDay{{Orders: uint64(i)}})
		time.Sleep(time.Millisecond)
	}
	if _, ok := cache.get("0"); ok {
		t.Error("the oldest report is still there")
	}
	if report, ok := cache.get("2"); !ok || report[0].Orders != 2 {
		t.Errorf("newest report = %v, %v", report, ok)
	}
	if len(cache.reports) != 2 || len(cache.stored) != 2 {
		t.Errorf("%d reports and %d times, want 2 and 2", len(cache.reports), len(cache.stored))
	}
}

func TestRevenueCacheForgetsStaleReports(t *testing.T) {
	cache := newRevenueCache(2, time.Millisecond)
	cache.put("EUR/30", nil)
	time.Sleep(5 * time.Millisecond)
	if _, ok := cache.get("EUR/30"); ok {
		t.Error("a stale report was served")
	}
}
