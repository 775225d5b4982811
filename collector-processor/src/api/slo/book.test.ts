import { expect, test } from 'vitest'
import { SloBook } from './book.ts'

const minute = 60_000
const requests = (total: number, failed: number, key = 'a') => [{ key, service: 'payment', total, failed }]
const book = () => new SloBook({ objective: 0.99, services: { payment: 0.9 }, nowMs: 0 })
const windows = (of: SloBook, nowMs: number) =>
  of.report(nowMs).services[0]?.windows.map(({ total, good, burn_rate }) => [total, good, burn_rate])

test('counts what came since the last look, in windows, against the objective of the service', () => {
  const slo = book()
  slo.observe(requests(1000, 500), 0)
  slo.observe(requests(1100, 520), minute)
  expect(slo.report(minute).services).toMatchObject([{ service: 'payment', objective: 0.9 }])
  expect(windows(slo, minute)?.[0]?.slice(0, 2)).toEqual([100, 80])
  expect(windows(slo, minute)?.[0]?.[2]).toBeCloseTo(2)
  slo.observe(requests(1200, 520), 10 * minute)
  expect(windows(slo, 10 * minute)?.map((w) => w.slice(0, 2))).toEqual([
    [100, 100],
    [200, 180],
    [200, 180],
  ])
})

test('a minute leaves the window when it is over, and the ring comes round clean', () => {
  const slo = book()
  slo.observe(requests(0, 0), 0)
  slo.observe(requests(10, 10), 30_000)
  expect(windows(slo, 4 * minute)?.map(([total]) => total)).toEqual([10, 10, 10])
  expect(windows(slo, 5 * minute)?.map(([total]) => total)).toEqual([0, 10, 10])
  expect(windows(slo, 60 * minute)?.map(([total]) => total)).toEqual([0, 0, 10])
  slo.observe(requests(15, 10), 359 * minute)
  expect(windows(slo, 359 * minute)?.map(([total]) => total)).toEqual([5, 5, 15])
  expect(windows(slo, 360 * minute)?.map(([total]) => total)).toEqual([5, 5, 5])
  expect(slo.report(360 * minute).since).toBe('1970-01-01T00:01:00.000Z')
  expect(slo.report(800 * minute).services).toEqual([])
})

test('without requests there is no ratio and no burn rate', () => {
  const slo = book()
  slo.observe(requests(5, 0), 0)
  slo.observe(requests(5, 0), 1)
  expect(slo.report(1).services[0]?.windows[0]).toEqual({
    window: '5m',
    total: 0,
    good: 0,
    ratio: null,
    burn_rate: null,
  })
})

test('an edge that was forgotten and began again, or is new, counts from zero', () => {
  const slo = book()
  slo.observe(requests(100, 10), 0)
  slo.observe(requests(7, 1), 1000)
  slo.observe([...requests(7, 1), ...requests(3, 0, 'b')], 2000)
  expect(windows(slo, 2000)?.[0]?.slice(0, 2)).toEqual([10, 9])
})
