import http from 'k6/http';
import { check } from 'k6';

export const options = {
  scenarios: {
    parcels: { executor: 'constant-arrival-rate', rate: 150, timeUnit: '1s', duration: '5m', preAllocatedVUs: 60 },
  },
  thresholds: { http_req_duration: ['p(95)<200'], http_req_failed: ['rate<0.01'] },
};

export default function () {
  const reply = http.get(`${__ENV.BASE_URL}/v1/parcels/P${Math.floor(Math.random() * 100000)}`);
  check(reply, { found: (r) => r.status === 200 });
  http.post(`${__ENV.BASE_URL}/v1/parcels/lookup`, JSON.stringify(['P1', 'P2']));
}
