// k6: steady partner traffic plus a bulk upload now and then.
//   k6 run -e BASE_URL=http://localhost:8080 -e RATE=150 loadtest/ingest.js
import http from 'k6/http';
import { check } from 'k6';
import { randomIntBetween, uuidv4 } from 'https://jslib.k6.io/k6-utils/1.4.0/index.js';

const base = __ENV.BASE_URL || 'http://localhost:8080';
const rate = Number(__ENV.RATE || 150);

export const options = {
  scenarios: {
    single: {
      executor: 'constant-arrival-rate', exec: 'single',
      rate, timeUnit: '1s', duration: '10m', preAllocatedVUs: 50, maxVUs: 400,
    },
    bulk: {
      executor: 'constant-arrival-rate', exec: 'bulk',
      rate: 6, timeUnit: '1m', duration: '10m', preAllocatedVUs: 4,
    },
    read: {
      executor: 'constant-arrival-rate', exec: 'read',
      rate: 30, timeUnit: '1s', duration: '10m', preAllocatedVUs: 20,
    },
  },
  thresholds: {
    'http_req_duration{name:create}': ['p(99)<300'],
    'http_req_duration{name:order}': ['p(99)<400'],
    http_req_failed: ['rate<0.001'],
  },
};

function event() {
  const now = new Date().toISOString();
  return {
    event_id: uuidv4(),
    tenant_id: `shop-${randomIntBetween(1, 60)}`,
    order_id: `DE-${String(randomIntBetween(1, 9_999_999)).padStart(10, '0')}`,
    version: 1,
    status: 'paid',
    currency: 'EUR',
    lines: [{ sku: `AB-${randomIntBetween(1, 20000)}`, quantity: 1, amount: 1999 }],
    created_at: now,
    occurred_at: now,
  };
}

const json = { headers: { 'Content-Type': 'application/json' } };

export function single() {
  const res = http.post(`${base}/v1/orders`, JSON.stringify(event()), { ...json, tags: { name: 'create' } });
  check(res, { accepted: (r) => r.status === 202 });
}

export function bulk() {
  const lines = Array.from({ length: 2000 }, () => JSON.stringify(event())).join('\n');
  const res = http.post(`${base}/v1/orders/bulk`, lines, { ...json, tags: { name: 'bulk' } });
  check(res, { accepted: (r) => r.status === 202 });
}

export function read() {
  const e = event();
  http.get(`${base}/v1/orders/${e.tenant_id}/${e.order_id}`, {
    tags: { name: 'order' },
    responseCallback: http.expectedStatuses(200, 404),
  });
}
