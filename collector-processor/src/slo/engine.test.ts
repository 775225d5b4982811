import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSqliteStore } from '../store/sqlite.ts'
import type { Store } from '../store/store.ts'
import type { SloOptions } from './engine.ts'
import { HOUR, MINUTE, objective, rig, T0 } from './testing/rig.ts'

let folder: string
let store: Store
const open = () => openSqliteStore({ path: join(folder, 'adf.db'), clock: () => T0 })
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'adf-slo-'))
  store = await open()
})
afterEach(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

/** The process ends without a word: the timer of its engine is of no matter, since its clock stands still. */
async function restarted(options: Partial<SloOptions> = {}, atMs = T0) {
  await store.close()
  store = await open()
  const again = rig(store, options, atMs)
  await again.engine.start()
  return again
}

describe('counts', () => {
  test('are kept over a restart, by minute and by hour, none lost and none twice', async () => {
    const first = rig(store)
    await first.engine.start()
    first.spans(T0 - 2 * HOUR, { count: 5, failed: 1 })
    first.spans(T0 - 20 * 24 * HOUR, { count: 7 }, T0)
    first.spans(T0, { count: 10, failed: 2, service: 'cart' })
    await first.engine.stop()

    const second = await restarted({}, T0 + MINUTE)
    second.spans(T0 + MINUTE, { count: 3 })
    await second.engine.stop()
    // Saved again without a change, and once more.
    const third = await restarted({}, T0 + 2 * MINUTE)
    await third.engine.stop()
    const last = await restarted({}, T0 + 2 * MINUTE)
    expect([last.counts('1h'), last.counts('6h'), last.counts('30d'), last.counts('5m', 'default')]).toEqual([
      [3, 3],
      [8, 7],
      [15, 14],
      [10, 8],
    ])
    expect(last.status()?.since).toBe(new Date(T0).toISOString())
    await last.engine.stop()
  })

  test('that were not saved are lost in a crash, and only those', async () => {
    const first = rig(store)
    await first.engine.start()
    first.spans(T0 + 1000, { count: 10 })
    await first.engine.save()
    first.spans(T0 + 11_000, { count: 5 })
    first.engine.tick(T0 + 19_000)
    const second = await restarted({}, T0 + 20_000)
    expect(second.counts()).toEqual([10, 10])
  })

  test('wait while the store takes none, and are then saved as they are', async () => {
    let full = true
    const flaky: Store = {
      ...store,
      slo: {
        indicators: () => store.slo.indicators(),
        counts: (...which) => store.slo.counts(...which),
        forget: (before) => store.slo.forget(before),
        save: (rows) => (full ? Promise.reject(new Error('the disk is full')) : store.slo.save(rows)),
      },
    }
    const { engine, spans, registry } = rig(flaky)
    await engine.start()
    spans(T0, { count: 4 })
    await engine.save()
    const failures = async () =>
      (await registry.getSingleMetric('adf_slo_saves_total')?.get())?.values[0]?.value
    expect(await failures()).toBe(1)
    full = false
    spans(T0 + 1000, { count: 2 })
    await engine.save()
    expect((await store.slo.counts('checkout', 'availability')).map(({ total }) => total)).toEqual([6, 6])
    await engine.stop()
  })

  test('that metrics made before a restart are not made again by spans that come late', async () => {
    const buckets = (n: number) => ({ bucketCounts: [n, 0, 0, 0], count: n })
    const first = rig(store)
    await first.engine.start()
    for (const minute of [1, 2])
      first.metrics(T0 + minute * MINUTE, [
        { timeMs: T0 + minute * MINUTE, startMs: T0 + 1, ...buckets(10 * minute) },
      ])
    await first.engine.stop()
    const second = await restarted({}, T0 + 2 * MINUTE + 1000)
    // These ten are in the metric already; so is what it counted before the restart.
    second.spans(T0 + 2 * MINUTE - 1, { count: 10 }, T0 + 2 * MINUTE + 2000)
    second.metrics(T0 + 3 * MINUTE, [{ timeMs: T0 + 3 * MINUTE, startMs: T0 + 1, ...buckets(30) }])
    second.metrics(T0 + 4 * MINUTE, [{ timeMs: T0 + 4 * MINUTE, startMs: T0 + 1, ...buckets(45) }])
    expect(second.counts()).toEqual([35, 35])
    await second.engine.stop()
  })

  test('older than any window are deleted', async () => {
    const first = rig(store, {}, T0)
    await first.engine.start()
    first.spans(T0, { count: 1 })
    await first.engine.stop()
    const later = await restarted({}, T0 + 94 * 24 * HOUR)
    later.engine.tick(T0 + 94 * 24 * HOUR)
    await expect.poll(() => store.slo.counts('checkout', 'availability')).toEqual([])
    await later.engine.stop()
  })
})

describe('burn-rate alerts', () => {
  const labels = (severity: string, window: string) => ({
    alertname: 'AdfSloBurn',
    slo: 'checkout-availability',
    service: 'checkout',
    severity,
    window,
  })

  test('fire while both windows burn, and end a minute after one does not', async () => {
    const { engine, spans, raised, ended, at } = rig(store)
    // A day of requests without a failure, then an hour with 2 % of them.
    for (let minute = -1440; minute < 0; minute++) spans(T0 + minute * MINUTE, { count: 10 }, T0 - MINUTE)
    const judged = (minute: number, failed: number) => {
      spans(T0 + minute * MINUTE, { count: 100, failed })
      engine.tick(T0 + minute * MINUTE)
      return raised.length
    }
    let minute = 0
    const firedAt: number[] = []
    for (; firedAt.length < 3; minute++) if (judged(minute, 2) > firedAt.length) firedAt.push(minute)
    // 2 m of 14,400 + 100 m are over 0.1 %, of 600 + 90 m over 1.44 %, of 3,600 + 90 m over 0.6 %.
    expect(firedAt).toEqual([7, 12, 14])
    expect(raised.map((alert) => alert.labels)).toEqual([
      labels('ticket', '3d'),
      labels('page', '1h'),
      labels('page', '6h'),
    ])
    const restored = minute
    for (minute = restored; minute < restored + 12; minute++) judged(minute, 0)
    const first = ended.find(
      ({ id }) => id === raised.find((one) => one.labels['window'] === '1h')?.incidentId,
    )
    expect((first?.endsMs ?? 0) - T0).toBeLessThanOrEqual((restored + 6) * MINUTE)
    at(T0 + minute * MINUTE)
    expect(engine.report().objectives[0]?.alerts.map(({ window }) => window)).not.toContain('1h')
  })

  test('of a service that nobody named fire only where that is asked for', () => {
    const services = (alerts: SloOptions['alerts']) => {
      const { engine, spans, raised } = rig(store, { alerts })
      for (const service of ['cart', 'checkout']) spans(T0, { count: 100, failed: 100, service })
      engine.tick(T0)
      return [...new Set(raised.map(({ labels: l }) => l['service']))]
    }
    expect([services('none'), services('named'), services('all')]).toEqual([
      [],
      ['checkout'],
      ['cart', 'checkout'],
    ])
  })

  test('go on over a restart as the same alert, and end when their objective is gone', async () => {
    const first = rig(store)
    await first.engine.start()
    first.spans(T0, { count: 100, failed: 50 })
    first.engine.tick(T0)
    expect(first.raised).toHaveLength(3)
    for (const alert of first.raised) await store.outbox.open(alert)
    await first.engine.stop()

    const second = await restarted({}, T0 + MINUTE)
    second.engine.tick(T0 + MINUTE)
    expect(second.raised).toEqual([])
    expect(second.status()?.alerts.map(({ since }) => since)).toEqual(
      Array(3).fill(new Date(T0).toISOString()),
    )
    const told = first.raised[0] && second.engine.annotations(first.raised[0])
    expect(told?.['summary']).toMatch(/^checkout has used .* of its 30-day error budget in the last hour; /)
    expect(told?.['description']).toContain('in the last five minutes 50 of 100 were bad (50 %, 500.0 times')
    await second.engine.stop()

    const third = await restarted({ objectives: [objective({ name: 'another' })] }, T0 + 2 * MINUTE)
    expect((await store.outbox.pending(0)).map(({ endsMs }) => endsMs)).toEqual(
      Array(3).fill(T0 + 2 * MINUTE),
    )
    await third.engine.stop()
  })
})

test('services without an objective have the default one, and lose it when they stay away', () => {
  const { engine, spans, at } = rig(store, { defaults: { objective: 0.99, services: { pay: 0.5 } } })
  spans(T0, { count: 1, service: 'cart' })
  const listed = () =>
    engine
      .report()
      .objectives.map(({ service, name, objective: target, origin }) => [service, name, target, origin])
  const named = [
    ['checkout', 'checkout-availability', 0.999, 'document'],
    ['pay', 'default', 0.5, 'configuration'],
  ]
  expect(listed()).toEqual([['cart', 'default', 0.99, 'default'], ...named])
  at(T0 + 94 * 24 * HOUR)
  engine.tick(T0 + 94 * 24 * HOUR)
  expect(listed()).toEqual(named)
})

test('an objective that cannot burn fast enough to page says so', () => {
  const { status } = rig(store, { objectives: [objective({ target: 0.9 })] })
  expect(status()?.problem).toContain(
    'an objective of 90 % burns 10 times too fast at most: it never reaches the burn rate 14.4 that pages',
  )
  expect(status()?.problem).toContain('no request of checkout was counted')
})

test('counters and gauges have the objectives, bounded labels, and grow from zero', async () => {
  const { registry, spans } = rig(store)
  const line = async (start: string) =>
    (await registry.metrics()).split('\n').find((each) => each.startsWith(start))
  const of = '{slo="checkout-availability",service="checkout"'
  expect(await line(`adf_slo_requests_total${of}`)).toMatch(/ 0$/)
  spans(T0, { count: 10, failed: 1 })
  expect(await line(`adf_slo_requests_total${of}`)).toMatch(/ 10$/)
  expect(await line(`adf_slo_good_requests_total${of}`)).toMatch(/ 9$/)
  expect(Number((await line(`adf_slo_burn_rate${of},window="5m"`))?.split(' ').at(-1))).toBeCloseTo(100)
})
