import type { Anomaly, Contribution } from '@adf/contract'
import { AnomalyPage } from '@adf/contract'
import golden from '@adf/contract/golden/anomaly-page.json'
import { expect, test } from 'vitest'
import { coursesOf } from './courses.ts'

const [example] = AnomalyPage.parse(golden).items
if (example === undefined) throw new Error('the golden page is empty')
const part = (feature: string, value: number | null, share: number, high = 130): Contribution => ({
  feature,
  value,
  expected: 110,
  band: value === null ? null : [95, high],
  share,
  text: `${feature} is ${value}`,
})
const anomaly = (second: number, contributions: Contribution[], service = 'payment'): Anomaly => ({
  ...example,
  time: new Date(1000 * second).toISOString(),
  entity: { id: `shop/${service}/1`, kind: 'service', namespace: 'shop', service },
  contributions,
})

test('values of a service over time with the latest band, what says most first', () => {
  const anomalies = [
    anomaly(2, [part('latency_p95', 900, 0.6, 140), part('error_rate', 0.5, 0.4)]),
    anomaly(1, [part('latency_p95', 840, 0.9), part('log_rate', null, 0.1)]),
    anomaly(1, [part('latency_p95', 500, 1)], 'cart'),
  ]
  expect(coursesOf(anomalies, 'shop/payment', 3)).toEqual([
    {
      stream: example.stream,
      entity: 'shop/payment/1',
      feature: 'latency_p95',
      times: [1000, 2000],
      values: [840, 900],
      band: [95, 140],
      text: 'latency_p95 is 900',
    },
    expect.objectContaining({ feature: 'error_rate', values: [0.5] }),
  ])
  expect(coursesOf(anomalies, 'shop/payment', 1)).toHaveLength(1)
})

test('a service without anomalies has none', () => {
  expect(coursesOf([anomaly(1, [part('latency_p95', 840, 1)])], 'payment', 3)).toEqual([])
})
