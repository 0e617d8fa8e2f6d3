package main

import "time"

const (
	commitErrorBackoff        = 2 * time.Second // want: backoff GOOD value=2
	lockRetryInterval         = 3 * time.Second // want: backoff GOOD value=3
	commitInterval            = 4 * time.Second // want: flush_interval GOOD value=4
	keepAliveInterval         = 30 * time.Second // fine: it keeps a connection and asks for nothing
	KeepalivePeriod           = 30 * time.Second // fine
	refreshInterval           = 30 * time.Second // want: poll_interval GOOD value=30
	maxMessageDelay           = 72 * time.Hour   // want: backoff GOOD value=259200
	maxRetryDelay             = 72 * time.Hour   // want: backoff CONCERN value=259200
	maxConsecutiveFetchErrors = 10               // want: backoff GOOD value=10 value.unit=count
	maxLookupFailures         = 60               // want: backoff GOOD value=60
	failureLimitBurst         = 30               // want: rate_limit GOOD value=30
	heartbeatInterval         = 10 * time.Second // want: poll_interval GOOD value=10
	maxConnectAttempts        = 60               // want: backoff CONCERN value=60
	maxConnections            = 60               // want: pool_size GOOD value=60
	initialConnWindowSize     = 4 << 20          // fine: the window of one connection is no pool
	maxBytesPerSecond         = 4096             // want: rate_limit GOOD value=4096
	requestsPerSecond         = 5                // want: rate_limit GOOD value=5 value.unit=count
	failureRateTimeout        = 2 * time.Second  // want: resource_limit GOOD value=2
	defaultWorkerMemory       = 1024             // want: resource_limit GOOD value=1024
	maxMemoryPercentage       = 75               // want: resource_limit GOOD value=75 value.unit=count
	inMemCacheCapacity        = 10000            // want: cache_bound GOOD value=10000 value.unit=count
	kilobitPerSecond          = 1000             // fine: a unit limits nothing
	secondsPerDay             = 86400            // fine
	serverCertDuration        = time.Hour        // fine: how long a certificate holds
	maxFetchBytes             = 4 << 20          // want: prefetch GOOD value=4194304
)
