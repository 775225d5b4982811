import { expect, test } from 'vitest'
import { metricFindings } from './metrics.ts'

test.each([
  ['latency_p95', 'ms', 840, 120, 'latency_p95 is 840 ms, normally 120 ms'],
  ['error_rate', '1', 1, 0, 'error_rate is 1, normally 0'],
  ['cpu_load1', '', 9.87654, 1, 'cpu_load1 is 9.88, normally 1'],
  ['cpu_usage_percent', '%', 97, Number.NaN, 'cpu_usage_percent is 97 %, over its limit'],
])('%s in %s is told in words', (feature, unit, value, expected, text) => {
  const metric = { service: 'payment', feature, unit, value, expected, strength: 0.9, sinceMs: 0 }
  expect(metricFindings([metric]).map((finding) => finding.text)).toEqual([text])
})
