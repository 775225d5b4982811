import { expect, test } from 'vitest'
import type { MissedEvidence, Outcome } from './outcome.ts'
import { median } from './row.ts'
import { alertValue, type ValueOptions } from './value.ts'

const HOUR = 3_600_000
const options: ValueOptions = {
  by: 'rule',
  fromMs: 0,
  toMs: 48 * HOUR,
  shiftMs: 12 * HOUR,
  people: 2,
  budget: 1,
  limit: 10,
}
const alert = (more: Partial<Outcome> = {}): Outcome => ({
  alertname: 'HighCpu',
  service: 'cart',
  entity: 'host-1',
  ours: false,
  startedMs: HOUR,
  endedMs: HOUR + 60_000,
  notifiedMs: HOUR + 5000,
  acknowledgedMs: undefined,
  silenced: false,
  verdict: undefined,
  ...more,
})
const times = (count: number, more: Partial<Outcome>) => Array.from({ length: count }, () => alert(more))
const adf = { alertname: 'ADFIncident', ours: true, service: 'payment', entity: undefined }

test('of ten judged alerts two were worth it, and one rule made most of the noise', () => {
  const alerts = [
    ...times(7, { verdict: 'false_positive' }),
    ...times(1, { verdict: 'true_positive' }),
    ...times(1, { ...adf, verdict: 'true_positive', acknowledgedMs: HOUR + 65_000 }),
    ...times(1, { ...adf, verdict: 'false_positive', acknowledgedMs: HOUR + 25_000 }),
    ...times(2, { silenced: true, notifiedMs: undefined, endedMs: undefined }),
  ]
  const { rows, text, alerts_per_shift, total } = alertValue(alerts, [], options)
  expect(rows.map(({ name, ours, alerts: all, useful, noise }) => [name, ours, all, useful, noise])).toEqual([
    ['HighCpu', false, 10, 1, 7],
    ['ADFIncident', true, 2, 1, 1],
  ])
  expect(rows[0]?.precision?.[1]).toBe(1 / 8)
  expect(rows[1]).toMatchObject({
    median_acknowledge_s: 40,
    median_duration_s: 60,
    recall: null,
    silenced: 0,
  })
  expect(rows[0]).toMatchObject({ median_acknowledge_s: null, silenced: 2, alerts_per_shift: 1 })
  expect(total.ours).toBeNull()
  // 10 that somebody was notified of, in four shifts of two persons.
  expect(alerts_per_shift).toBe(10 / 8)
  expect(text).toBe(
    'Two of ten judged alerts were worth sending. Two were not judged. HighCpu made seven of the eight that were not. ' +
      'A person gets 1.3 alerts a shift, over the budget of 1.',
  )
})

test('what was missed counts where it was', () => {
  const missed: MissedEvidence[] = [
    { probability: undefined, wrong: true, service: 'shop/payment', entities: ['shop/payment/1'] },
    { probability: 0.5, wrong: true, service: undefined, entities: ['shop/cart/1'] },
    { probability: 0.5, wrong: false, service: undefined, entities: ['shop/cart/2'] },
  ]
  const alerts = [
    ...times(3, { verdict: 'true_positive' }),
    ...times(1, { ...adf, verdict: 'true_positive', entity: 'shop/payment/1' }),
  ]
  const recalls = (by: ValueOptions['by']) =>
    Object.fromEntries(
      alertValue(alerts, missed, { ...options, by }).rows.map(({ name, recall }) => [
        name,
        recall?.[1] ?? null,
      ]),
    )
  expect(recalls('service')).toEqual({ cart: 3 / 5, payment: 1 / 2 })
  expect(recalls('rule')).toEqual({ HighCpu: 3 / 5, ADFIncident: 1 / 2 })
  expect(recalls('entity')).toEqual({ 'host-1': null, 'shop/payment/1': 1 / 2 })
  expect(alertValue(alerts, missed, options).total.recall?.[1]).toBe(4 / 7)
})

test('of nothing there is nothing to say, and what was not judged is not known', () => {
  expect(alertValue([], [], options)).toMatchObject({
    rows: [],
    text: 'There were no alerts.',
    alerts_per_shift: 0,
  })
  expect(alertValue([alert({ service: undefined })], [], { ...options, by: 'service' })).toMatchObject({
    rows: [{ name: '(none)', precision: null }],
    text: 'None of one alert was judged, so that their worth is not known. A person gets 0.1 alerts a shift, within the budget of 1.',
  })
  expect(alertValue([alert()], [], { ...options, toMs: 1 }).alerts_per_shift).toBe(1 / 2)
})

test('a median is that of the two in the middle', () => {
  expect([median([]), median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([null, 2, 2.5])
})
