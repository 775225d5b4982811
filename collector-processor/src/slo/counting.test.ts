import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSqliteStore } from '../store/sqlite.ts'
import type { Store } from '../store/store.ts'
import { CUMULATIVE, DELTA, HOUR, MINUTE, objective, rig, T0 } from './testing/rig.ts'

let store: Store
beforeEach(async () => {
  store = await openSqliteStore({ path: ':memory:', clock: () => T0 })
})
afterEach(() => store.close())

const slow = (thresholdMs: number) =>
  objective({ name: 'slow', indicator: { kind: 'latency', thresholdMs }, target: 0.95 })
const failing = { 'http.response.status_code': '500' }
/** One count in each bucket of 0.1, 0.25, 0.5 and above, times these. */
const buckets = (...bucketCounts: number[]) => ({
  bucketCounts,
  count: bucketCounts.reduce((a, b) => a + b, 0),
})

describe('spans', () => {
  test('count in the minute in which the request ended, also when they come late', () => {
    const { spans, counts, at, status } = rig(store)
    spans(T0 + MINUTE, { count: 10, failed: 2 })
    spans(T0 + MINUTE, { count: 5 }, T0 + 4 * MINUTE)
    at(T0 + 4 * MINUTE)
    expect(counts('5m')).toEqual([15, 13])
    at(T0 + 6 * MINUTE)
    expect(counts('5m')).toEqual([0, 0])
    expect(counts('30m')).toEqual([15, 13])
    expect(status()).toMatchObject({ source: 'spans', problem: null })
  })

  test('that are older than the minutes kept count in their hour, and older than that not at all', async () => {
    const { spans, counts, uncounted } = rig(store, {}, T0 + 40 * 24 * HOUR)
    const now = T0 + 40 * 24 * HOUR
    spans(now, { count: 1 })
    spans(now - 100 * HOUR, { count: 7 }, now)
    expect([counts('3d'), counts('30d')]).toEqual([
      [1, 1],
      [8, 8],
    ])
    spans(now - 93 * 24 * HOUR, { count: 3 }, now)
    expect(await uncounted('too_old')).toBe(3)
    expect(counts('30d')).toEqual([8, 8])
  })

  test('of a clock that runs ahead count now', () => {
    const { spans, counts } = rig(store)
    spans(T0 + 10 * HOUR, { count: 4 }, T0)
    expect(counts('5m')).toEqual([4, 4])
  })

  test('that were sampled count for all that they stand for', () => {
    const { spans, counts } = rig(store)
    spans(T0, { count: 3, failed: 1, traceState: 'ot=th:c' })
    expect(counts()).toEqual([12, 8])
  })

  test('tell fast from slow by their own duration, at the threshold still fast', () => {
    const { spans, counts } = rig(store, { objectives: [objective(), slow(300)] })
    spans(T0, { count: 4, durationMs: 300, failed: 1 })
    spans(T0, { count: 3, durationMs: 301 })
    expect([counts(), counts('1h', 'slow')]).toEqual([
      [7, 6],
      [7, 4],
    ])
  })

  test('of more services than there is room for are told, those of documents have their place', async () => {
    const { spans, engine, uncounted } = rig(store, { maxServices: 2 })
    for (const service of ['a', 'b', 'checkout']) spans(T0, { count: 2, service })
    expect(engine.report().objectives.map(({ service, name }) => [service, name])).toEqual([
      ['a', 'default'],
      ['checkout', 'checkout-availability'],
    ])
    expect(await uncounted('service_limit')).toBe(2)
  })
})

describe('request metrics', () => {
  test('count whole requests by the difference of cumulative points, failures by their status', () => {
    const { metrics, counts, status } = rig(store)
    const ok = { startMs: T0 - HOUR }
    const bad = { startMs: T0 - HOUR, attributes: failing }
    // What was before this process is not known to be uncounted.
    metrics(T0, [
      { timeMs: T0, ...ok, ...buckets(100, 0, 0, 0) },
      { timeMs: T0, ...bad, ...buckets(7, 0, 0, 0) },
    ])
    expect(counts()).toEqual([0, 0])
    metrics(T0 + MINUTE, [
      { timeMs: T0 + MINUTE, ...ok, ...buckets(130, 1, 0, 0) },
      { timeMs: T0 + MINUTE, ...bad, ...buckets(9, 0, 0, 0) },
    ])
    expect(counts()).toEqual([33, 31])
    expect(status()?.source).toBe('metrics')
  })

  test('tell fast from slow by the difference of cumulative buckets', () => {
    const { metrics, counts } = rig(store, { objectives: [objective(), slow(250)] })
    const series = { startMs: T0 - HOUR }
    metrics(T0, [{ timeMs: T0, ...series, ...buckets(100, 10, 5, 0) }])
    metrics(T0 + MINUTE, [{ timeMs: T0 + MINUTE, ...series, ...buckets(130, 12, 6, 1) }])
    metrics(T0 + 2 * MINUTE, [{ timeMs: T0 + 2 * MINUTE, ...series, ...buckets(140, 12, 6, 3) }])
    expect([counts(), counts('1h', 'slow')]).toEqual([
      [46, 46],
      [46, 42],
    ])
  })

  test('a series that begins while its source is known counts from its first request', () => {
    const { metrics, counts } = rig(store)
    const start = { startMs: T0 - HOUR }
    metrics(T0, [{ timeMs: T0, ...start, ...buckets(5, 0, 0, 0) }])
    const point = { timeMs: T0 + MINUTE, ...start }
    metrics(T0 + MINUTE, [
      { ...point, ...buckets(6, 0, 0, 0) },
      { ...point, attributes: failing, ...buckets(1, 0, 0, 0) },
    ])
    expect(counts()).toEqual([2, 1])
  })

  test('a service that starts later counts from its start, and a restart loses and repeats nothing', () => {
    const { metrics, counts } = rig(store)
    metrics(T0 + MINUTE, [{ timeMs: T0 + MINUTE, startMs: T0 + 1000, ...buckets(5, 0, 0, 0) }])
    metrics(T0 + 2 * MINUTE, [{ timeMs: T0 + 2 * MINUTE, startMs: T0 + 1000, ...buckets(8, 0, 0, 0) }])
    const again = T0 + 2 * MINUTE + 5000
    metrics(T0 + 3 * MINUTE, [{ timeMs: T0 + 3 * MINUTE, startMs: again, ...buckets(2, 0, 0, 0) }])
    expect(counts()).toEqual([10, 10])
  })

  test('a point that comes again, or too late, changes nothing; a fall without a new start counts nothing', async () => {
    const { metrics, counts, uncounted } = rig(store)
    const send = (minute: number, count: number) =>
      metrics(T0 + minute * MINUTE, [
        { timeMs: T0 + minute * MINUTE, startMs: T0 + 1, ...buckets(count, 0, 0, 0) },
      ])
    send(1, 10)
    send(3, 30)
    send(3, 30)
    send(2, 20)
    send(4, 5)
    send(5, 6)
    expect(counts()).toEqual([31, 31])
    expect([await uncounted('out_of_order'), await uncounted('reset')]).toEqual([2, 1])
  })

  test('a stale marker ends nothing that was counted', () => {
    const { metrics, counts } = rig(store)
    const start = { startMs: T0 + 1 }
    metrics(T0 + MINUTE, [{ timeMs: T0 + MINUTE, ...start, ...buckets(10, 0, 0, 0) }])
    metrics(T0 + 2 * MINUTE, [{ timeMs: T0 + 2 * MINUTE, stale: true }])
    metrics(T0 + 3 * MINUTE, [{ timeMs: T0 + 3 * MINUTE, ...start, ...buckets(12, 0, 0, 0) }])
    expect(counts()).toEqual([12, 12])
  })

  test('deltas count as they are, each once', async () => {
    const { metrics, counts, uncounted } = rig(store)
    const send = (from: number, to: number) =>
      metrics(T0 + to * MINUTE, [
        {
          timeMs: T0 + to * MINUTE,
          startMs: T0 + from * MINUTE,
          temporality: DELTA,
          ...buckets(10, 0, 0, 0),
        },
      ])
    send(0, 1)
    send(1, 2)
    send(0, 2)
    send(1, 3)
    expect(counts()).toEqual([20, 20])
    expect([await uncounted('out_of_order'), await uncounted('overlap')]).toEqual([1, 1])
  })

  test('tell fast requests at a bucket boundary, and say when the threshold is none', () => {
    const { metrics, counts, status } = rig(store, {
      objectives: [slow(250), { ...slow(300), name: 'between' }, { ...slow(50), name: 'below' }],
    })
    metrics(T0 + MINUTE, [{ timeMs: T0 + MINUTE, startMs: T0 + 1, ...buckets(10, 5, 3, 2) }])
    for (const name of ['slow', 'between']) expect(counts('1h', name)).toEqual([20, 15])
    expect(counts('1h', 'below')).toEqual([0, 0])
    expect(status('slow')?.problem).toBeNull()
    expect(status('between')?.problem).toBe(
      '300 ms is no bucket boundary of the histograms of checkout: requests up to 250 ms, the next lower one, count as good',
    )
    expect(status('below')?.problem).toContain('have no bucket that ends at 50 ms or below')
  })

  test('exponential histograms are told apart at the boundary below the threshold too', () => {
    const { metrics, counts, status } = rig(store, {
      objectives: [slow(500), { ...slow(600), name: 'between' }],
    })
    // scale 0: buckets (1/8, 1/4], (1/4, 1/2], (1/2, 1], (1, 2] seconds
    metrics(T0 + MINUTE, [
      {
        timeMs: T0 + MINUTE,
        startMs: T0 + 1,
        kind: 'exponentialHistogram',
        scale: 0,
        offset: -3,
        zeroCount: 1,
        ...buckets(4, 3, 2, 1),
        count: 11,
      },
    ])
    for (const name of ['slow', 'between']) expect(counts('1h', name)).toEqual([11, 8])
    expect(status('slow')?.problem).toBeNull()
    expect(status('between')?.problem).toContain('requests up to 500 ms')
  })

  test('of both names of the metric the newer one counts', () => {
    const { metrics, counts } = rig(store)
    const both = (minute: number, count: number) => {
      const point = { timeMs: T0 + minute * MINUTE, startMs: T0 + 1, ...buckets(count, 0, 0, 0) }
      metrics(T0 + minute * MINUTE, [
        { ...point, name: 'http.server.duration', unit: 'ms', bounds: [100, 250, 500] },
        point,
      ])
    }
    both(1, 10)
    both(2, 15)
    expect(counts()).toEqual([15, 15])
  })

  test('what one point tells of a quarter of an hour is spread over its minutes', () => {
    const { metrics, counts } = rig(store)
    const start = { startMs: T0 - HOUR }
    metrics(T0, [{ timeMs: T0, ...start, ...buckets(0, 0, 0, 0) }])
    metrics(T0 + 15 * MINUTE, [
      { timeMs: T0 + 15 * MINUTE, ...start, temporality: CUMULATIVE, ...buckets(150, 0, 0, 0) },
    ])
    const [total = 0] = counts('5m')
    expect(total).toBeGreaterThanOrEqual(40)
    expect(total).toBeLessThanOrEqual(50)
    expect(counts('30m')[0]).toBeCloseTo(150)
  })

  test('more series than are kept are told', async () => {
    const { metrics, uncounted } = rig(store, { maxSeries: 1 })
    const point = { timeMs: T0 + MINUTE, startMs: T0 + 1, ...buckets(1, 0, 0, 0) }
    metrics(T0 + MINUTE, [point, { ...point, attributes: failing }])
    expect(await uncounted('series_limit')).toBe(1)
  })
})

describe('spans and metrics of one service', () => {
  test('are never both counted: spans until metrics take over, metrics from then on', () => {
    const { spans, metrics, counts, status, at } = rig(store)
    let requests = 0
    // Ten requests a second, told by spans at once and by a cumulative metric each minute, half a second late.
    for (let second = 1; second <= 600; second++) {
      requests += 10
      spans(T0 + second * 1000, { count: 10, failed: 1 })
      if (second % 60 === 0)
        metrics(T0 + second * 1000, [
          { timeMs: T0 + second * 1000, startMs: T0 - HOUR, ...buckets(requests * 0.9, 0, 0, 0) },
          {
            timeMs: T0 + second * 1000,
            startMs: T0 - HOUR,
            attributes: failing,
            ...buckets(requests * 0.1, 0, 0, 0),
          },
        ])
    }
    at(T0 + 600_000)
    expect(counts()).toEqual([6000, 5400])
    expect(status()?.source).toBe('metrics')
  })

  test('spans that come first and then only late still count in the time before metrics took over', () => {
    const { spans, metrics, counts } = rig(store)
    const send = (minute: number, count: number) =>
      metrics(T0 + minute * MINUTE, [
        { timeMs: T0 + minute * MINUTE, startMs: T0 - HOUR, ...buckets(count, 0, 0, 0) },
      ])
    spans(T0 + 30_000, { count: 1 })
    // Metrics take over two minutes after their first point: at minute 3.
    for (let minute = 1; minute <= 6; minute++) send(minute, 100 * minute)
    expect(counts()).toEqual([301, 301])
    spans(T0 + 150_000, { count: 5 }, T0 + 6 * MINUTE)
    spans(T0 + 250_000, { count: 5 }, T0 + 6 * MINUTE)
    expect(counts()).toEqual([306, 306])
  })

  test('the interval across the handing over counts by its share', () => {
    const { spans, metrics, counts } = rig(store)
    const send = (second: number, count: number) =>
      metrics(T0 + second * 1000, [
        { timeMs: T0 + second * 1000, startMs: T0 - HOUR, ...buckets(count, 0, 0, 0) },
      ])
    spans(T0 + 1000, { count: 1 })
    send(10, 0)
    send(100, 1000)
    // From 130 s on metrics count: half of this interval.
    send(160, 1060)
    expect(counts()).toEqual([31, 31])
  })

  test('metrics that stay away for five minutes leave the counting to spans again', () => {
    const { spans, metrics, counts, status } = rig(store)
    metrics(T0 + MINUTE, [{ timeMs: T0 + MINUTE, startMs: T0 + 1, ...buckets(10, 0, 0, 0) }])
    spans(T0 + 2 * MINUTE, { count: 5 })
    expect([counts(), status()?.source]).toEqual([[10, 10], 'metrics'])
    spans(T0 + 7 * MINUTE, { count: 5 })
    spans(T0 + 30_000, { count: 5 }, T0 + 7 * MINUTE)
    expect([counts(), status()?.source]).toEqual([[15, 15], 'spans'])
  })
})
