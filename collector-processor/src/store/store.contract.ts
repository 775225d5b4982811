import type { TimelineEntry } from '@adf/contract'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { OpenedStore } from './opened.contract.ts'
import {
  sampleAnomaly as anomaly,
  DAY_MS,
  dailyAnomaly,
  sampleIncident as incident,
  sampleVerdict as verdict,
} from './sample.test-data.ts'
import { scoreContract } from './scores.contract.ts'
import { shardContract } from './shards.contract.ts'
import type { Store } from './store.ts'
import { thresholdContract } from './thresholds.contract.ts'
import { verdictLogContract } from './verdict-log.contract.ts'

/** What every engine of the store does. `open` gives an empty one; `reopen` closes one and opens the same data again. */
export function storeContract(
  name: string,
  {
    open,
    reopen,
  }: { open: (clock: () => number) => Promise<Store>; reopen: (store: Store) => Promise<Store> },
): void {
  describe(`${name} passes the store contract`, () => {
    let store: Store
    let now = 0
    beforeEach(async () => {
      now = 0
      store = await open(() => now)
    })
    afterEach(() => store.close())
    const add = async (...anomalies: ReturnType<typeof anomaly>[]) => {
      for (const a of anomalies) await store.anomalies.add(a)
    }
    const ids = (page: { items: readonly { id: string }[] }) =>
      page.items.map(({ id }) => Number.parseInt(id, 10))

    shardContract(
      () => store,
      (ms) => {
        now = ms
      },
    )

    describe('anomalies', () => {
      test('come back as they were, also after a restart', async () => {
        const all = [1, 2, 3].map((n) => anomaly(n))
        await add(...all)
        store = await reopen(store)
        for (const a of all) expect(await store.anomalies.get(a.id)).toEqual(a)
        expect(await store.anomalies.get('none')).toBeUndefined()
      })

      test('added twice count once', async () => {
        await add(anomaly(1), anomaly(1, { score: 0.99 }))
        expect((await store.anomalies.page({ limit: 10 })).items).toEqual([anomaly(1)])
      })

      test('are paged from the newest, with nothing left out or twice while new ones arrive', async () => {
        await add(...Array.from({ length: 25 }, (_, n) => anomaly(n + 1)))
        const seen: number[] = []
        let cursor: string | undefined
        for (let page = 0; page < 10; page++) {
          const answer = await store.anomalies.page({ limit: 10, cursor })
          seen.push(...ids(answer))
          await add(anomaly(100 + page))
          if (answer.next_cursor === null) break
          cursor = answer.next_cursor
        }
        expect(seen).toEqual(Array.from({ length: 25 }, (_, n) => 25 - n))
      })

      test('a page that is exactly full is the last one', async () => {
        await add(anomaly(1), anomaly(2))
        expect((await store.anomalies.page({ limit: 2 })).next_cursor).toBeNull()
      })

      test('are found by stream, entity, incident, score and time', async () => {
        const host = { id: 'node-1', kind: 'host', host: 'node-1' } as const
        await add(anomaly(1), anomaly(2, { stream: 'host', entity: host }), anomaly(3, { score: 0.99 }))
        await store.anomalies.assign('i1', [anomaly(1).id, 'none'])
        const find = async (filter: object) => ids(await store.anomalies.page({ limit: 10, ...filter }))
        expect(await find({ stream: 'host' })).toEqual([2])
        expect(await find({ entity: 'shop/payment/1' })).toEqual([3, 1])
        expect(await find({ incident: 'i1' })).toEqual([1])
        expect(await find({ minScore: 0.99 })).toEqual([3])
        expect(await find({ fromMs: 1900 })).toEqual([3, 2])
        expect(await find({ toMs: 1900 })).toEqual([1])
        expect(await find({ stream: 'service', fromMs: 900, toMs: 2900, minScore: 0.5 })).toEqual([1])
        expect((await store.anomalies.get(anomaly(1).id))?.incident_id).toBe('i1')
      })

      test('can be deleted, with their verdicts', async () => {
        await add(anomaly(1))
        await store.verdicts.give(verdict(1, { anomaly_id: anomaly(1).id }))
        expect(await store.anomalies.remove(anomaly(1).id)).toBe(true)
        expect(await store.anomalies.remove(anomaly(1).id)).toBe(false)
        expect(await store.anomalies.get(anomaly(1).id)).toBeUndefined()
        expect(await store.verdicts.of(anomaly(1).id)).toEqual([])
      })

      test('with a verdict of their own or of their incident are found, newest first', async () => {
        await store.incidents.save(incident(1))
        await add(anomaly(1), anomaly(2), anomaly(3), anomaly(4))
        await store.anomalies.assign(incident(1).id, [anomaly(2).id, anomaly(3).id])
        await store.verdicts.give(verdict(1, { anomaly_id: anomaly(1).id, verdict: 'true_positive' }))
        await store.verdicts.give(verdict(2, { anomaly_id: anomaly(2).id, verdict: 'true_positive' }))
        await store.verdicts.give(verdict(3, { incident_id: incident(1).id, verdict: 'false_positive' }))
        const found = await store.anomalies.judged(10)
        expect(found.map(({ id, verdict }) => [id, verdict])).toEqual([
          [anomaly(3).id, 'false_positive'],
          [anomaly(2).id, 'true_positive'],
          [anomaly(1).id, 'true_positive'],
        ])
        expect(await store.anomalies.judged(1)).toHaveLength(1)
      })

      test('are counted', async () => {
        const hour = 3600
        await add(
          anomaly(1),
          anomaly(24 * hour, { stream: 'host' }),
          anomaly(48 * hour, { type: 'collective' }),
        )
        await store.verdicts.give(verdict(1, { anomaly_id: anomaly(1).id, verdict: 'false_positive' }))
        expect(await store.anomalies.counts(48 * hour * 1000)).toEqual({
          total: 3,
          last_hour: 1,
          last_day: 2,
          by_stream: { service: 2, host: 1 },
          by_type: { point: 2, collective: 1 },
          by_verdict: { true_positive: 0, false_positive: 1, none: 2 },
        })
      })

      test('writes take effect in the order of the calls, awaited or not', async () => {
        const writes = [
          store.anomalies.add(anomaly(1)),
          store.anomalies.assign('i1', [anomaly(1).id]),
          store.anomalies.assign('i2', [anomaly(1).id]),
        ]
        await Promise.all(writes)
        expect((await store.anomalies.get(anomaly(1).id))?.incident_id).toBe('i2')
      })
    })

    describe('incidents', () => {
      test('change, come back after a restart, and are found', async () => {
        await store.incidents.save(incident(1))
        await store.incidents.save(incident(2, { services: ['cart'] }))
        const resolved = incident(1, {
          state: 'resolved',
          resolved_at: '1970-01-01T00:00:10.000Z',
          services: ['checkout', 'payment'],
        })
        await store.incidents.save(resolved)
        store = await reopen(store)
        expect(await store.incidents.get(resolved.id)).toEqual(resolved)
        expect(await store.incidents.open()).toEqual([incident(2, { services: ['cart'] })])
        const find = async (filter: object) => ids(await store.incidents.page({ limit: 10, ...filter }))
        expect(await find({})).toEqual([2, 1])
        expect(await find({ state: 'resolved' })).toEqual([1])
        expect(await find({ service: 'checkout' })).toEqual([1])
        expect(await find({ service: 'none' })).toEqual([])
        expect(await find({ fromMs: 10_000 })).toEqual([2, 1])
        expect(await find({ fromMs: 10_001 })).toEqual([2])
        expect(await find({ toMs: 2000 })).toEqual([1])
        expect(await find({ limit: 1 })).toEqual([2])
      })

      test('a merged one gives its anomalies to the survivor', async () => {
        await add(anomaly(1), anomaly(2))
        await store.anomalies.assign('i2', [anomaly(1).id])
        const merged = incident(2, { id: 'i2', state: 'merged', merged_into: 'i1' })
        await store.incidents.save(merged)
        await store.incidents.save(merged)
        expect(ids(await store.anomalies.page({ incident: 'i1', limit: 10 }))).toEqual([1])
        expect((await store.anomalies.get(anomaly(2).id))?.incident_id).toBeNull()
      })

      test('keep their verdict through later changes', async () => {
        await store.incidents.save(incident(1))
        await store.verdicts.give(verdict(1, { incident_id: incident(1).id }))
        await store.incidents.save(incident(1, { anomaly_count: 9, verdict: null }))
        expect(await store.incidents.get(incident(1).id)).toMatchObject({
          anomaly_count: 9,
          verdict: 'true_positive',
        })
        expect(await store.incidents.counts()).toEqual({
          total: 1,
          open: 1,
          resolved: 0,
          merged: 0,
          by_verdict: { true_positive: 1, false_positive: 0, none: 0 },
        })
      })
    })

    test('the history of an incident is kept in order, is bounded, and goes with it', async () => {
      const entry = (n: number): TimelineEntry => ({
        at: new Date(n * 1000).toISOString(),
        kind: 'cause',
        subject: n % 2 === 0 ? null : `s${n}`,
        text: `entry ${n}`,
      })
      await store.incidents.save(incident(1, { state: 'resolved' }))
      for (let n = 1; n <= 200; n++)
        expect(await store.incidentHistory.note(incident(1).id, entry(n))).toBe(true)
      expect(await store.incidentHistory.note(incident(1).id, entry(201))).toBe(false)
      expect(await store.incidentHistory.note('other', entry(1))).toBe(true)
      store = await reopen(store)
      const kept = await store.incidentHistory.of(incident(1).id)
      expect(kept).toHaveLength(200)
      expect(kept.slice(0, 2)).toEqual([entry(1), entry(2)])
      await store.retention.sweep(1_000_000, 10)
      expect(await store.incidentHistory.of(incident(1).id)).toEqual([])
    })

    describe('verdicts', () => {
      const target = { incident_id: incident(1).id }
      beforeEach(() => store.incidents.save(incident(1)))

      test('there is one for each author, who may change it', async () => {
        const first = await store.verdicts.give(verdict(1, target))
        expect(first).toEqual({ verdict: verdict(1, target), previous: null, current: 'true_positive' })
        const again = await store.verdicts.give(
          verdict(2, { ...target, verdict: 'false_positive', note: 'n' }),
        )
        expect(again?.previous).toBe('true_positive')
        expect(again?.verdict.id).toBe(verdict(1).id)
        await store.verdicts.give(verdict(3, { ...target, author: 'bob' }))
        await store.verdicts.give(verdict(4, { ...target, author: null }))
        await store.verdicts.give(verdict(5, { ...target, author: null, verdict: 'false_positive' }))
        store = await reopen(store)
        expect((await store.verdicts.of(incident(1).id)).map((v) => [v.author, v.verdict, v.note])).toEqual([
          ['ada', 'false_positive', 'n'],
          ['bob', 'true_positive', null],
          [null, 'false_positive', null],
        ])
        expect((await store.incidents.get(incident(1).id))?.verdict).toBe('false_positive')
      })

      test('on something that is not there change nothing', async () => {
        expect(await store.verdicts.give(verdict(1, { anomaly_id: 'none' }))).toBeUndefined()
        expect(await store.verdicts.give(verdict(1, { incident_id: 'none' }))).toBeUndefined()
        expect(await store.verdicts.of('none')).toEqual([])
      })

      test.each([
        ['true_positive', null, 1],
        ['true_positive', 'payment', 1],
        ['true_positive', 'cart', 0],
        ['false_positive', null, 0],
        ['false_positive', 'payment', 0],
      ] as const)('%s with cause %s: confirmed %d of 1', async (value, cause, confirmed) => {
        expect(await store.verdicts.rootCauses()).toEqual({ judged: 0, confirmed: 0 })
        await store.verdicts.give(verdict(1, { ...target, verdict: value, cause }))
        expect(await store.verdicts.rootCauses()).toEqual({ judged: 1, confirmed })
      })
    })

    test.each([
      ['shop/payment', 'payment', 1],
      ['shop/payment', 'shop/payment', 1],
      ['shop/payment', 'other/payment', 0],
      ['database:postgres', 'postgres', 1],
      ['database:postgres', 'database', 0],
    ] as const)(
      'a first cause %s that the operator calls %s: confirmed %d',
      async (first, said, confirmed) => {
        const [cause] = incident(1).causes
        await store.incidents.save(
          incident(1, { causes: cause === undefined ? [] : [{ ...cause, service: first }] }),
        )
        await store.verdicts.give(verdict(1, { incident_id: incident(1).id, cause: said }))
        store = await reopen(store)
        expect(await store.verdicts.rootCauses()).toEqual({ judged: 1, confirmed })
      },
    )

    const opened: OpenedStore = {
      get store() {
        return store
      },
      reopen: async () => {
        store = await reopen(store)
      },
    }
    thresholdContract(opened)
    verdictLogContract(opened)
    scoreContract(opened)

    test('state of detectors comes back byte for byte', async () => {
      const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
      const row = { stream: 'service', entityId: 'a', state: bytes.subarray(1) }
      await store.detectorState.saveMany([row, { ...row, entityId: 'b' }])
      await store.detectorState.saveMany([{ ...row, entityId: 'b', state: new Uint8Array(0) }])
      store = await reopen(store)
      expect([...((await store.detectorState.load('service', 'a')) ?? [])]).toEqual([...bytes.subarray(1)])
      expect(await store.detectorState.load('service', 'b')).toHaveLength(0)
      expect(await store.detectorState.load('host', 'a')).toBeUndefined()
    })

    describe('graphs', () => {
      const save = (atMs: number, size: number, maxBytes = 1e6) =>
        store.graphs.save({ atMs, body: new Uint8Array(size).fill(atMs) }, maxBytes)

      test('are found by the time that they were of, also after a restart', async () => {
        for (const atMs of [10, 30, 20]) await save(atMs, 3)
        await save(20, 5)
        store = await reopen(store)
        const at = async (ms: number) => {
          const found = await store.graphs.at(ms)
          return found && [found.atMs, ...found.body]
        }
        expect(await at(9)).toBeUndefined()
        expect(await at(10)).toEqual([10, 10, 10, 10])
        expect(await at(29)).toEqual([20, 20, 20, 20, 20, 20])
        expect(await at(1e9)).toEqual([30, 30, 30, 30])
      })

      test('the oldest give way when all are too large, never the latest', async () => {
        for (const atMs of [1, 2, 3, 4]) await save(atMs, 100, 250)
        expect(await store.graphs.at(2)).toBeUndefined()
        expect((await store.graphs.at(3))?.atMs).toBe(3)
        await save(5, 1000, 250)
        expect((await store.graphs.at(9))?.atMs).toBe(5)
        expect(await store.graphs.at(4)).toBeUndefined()
      })
    })

    test('followers of a log are where they were left', async () => {
      expect(await store.followers.cursor('topic')).toBeUndefined()
      await store.followers.moved('topic', 7)
      await store.followers.moved('other', 2 ** 40)
      await store.followers.moved('topic', 9)
      store = await reopen(store)
      expect(await store.followers.cursor('topic')).toBe(9)
      expect(await store.followers.cursor('other')).toBe(2 ** 40)
    })

    describe('the alert log', () => {
      const publish = async (n: number) => {
        await add(anomaly(n))
        return store.alertLog.append('anomaly', anomaly(n).id, n * 1000)
      }

      test('gives what came after a cursor, in order, and each incident once, as it is now', async () => {
        expect(await store.alertLog.bounds()).toEqual({ oldest: 0, latest: 0 })
        const first = await publish(1)
        await store.incidents.save(incident(1))
        await store.alertLog.append('incident', incident(1).id, 1000)
        await publish(2)
        await store.incidents.save(incident(1, { anomaly_count: 7 }))
        const last = await store.alertLog.append('incident', incident(1).id, 2000)
        store = await reopen(store)
        expect(await store.alertLog.bounds()).toEqual({ oldest: 0, latest: last })
        expect(await store.alertLog.after(first, 10)).toMatchObject([
          { type: 'anomaly', data: anomaly(2) },
          { type: 'incident', cursor: String(last), data: incident(1, { anomaly_count: 7 }) },
        ])
        expect(await store.alertLog.after(0, 1)).toMatchObject([{ cursor: String(first) }])
        expect(await store.alertLog.after(last, 10)).toEqual([])
      })

      test('gives messages that came together in their order, of one subject the last', async () => {
        await store.incidents.save(incident(1))
        await add(...Array.from({ length: 80 }, (_, n) => anomaly(n + 1)))
        const of = [...Array.from({ length: 80 }, (_, n) => anomaly(n + 1).id)]
        const subjects = [incident(1).id, ...of.slice(0, 40), incident(1).id, ...of.slice(40), incident(1).id]
        const cursors = await Promise.all(
          subjects.map((id) =>
            store.alertLog.append(id === incident(1).id ? 'incident' : 'anomaly', id, 1000),
          ),
        )
        expect(cursors).toEqual(cursors.toSorted((a, b) => a - b))
        expect(new Set(cursors).size).toBe(83)
        const messages = await store.alertLog.after(0, 100)
        expect(messages.map(({ data }) => data.id)).toEqual([...of, incident(1).id])
        expect(messages.at(-1)?.cursor).toBe(String(cursors.at(-1)))
      })

      test('passes over what was deleted, and never uses a cursor twice', async () => {
        await publish(1)
        const second = await publish(2)
        await store.anomalies.remove(anomaly(2).id)
        expect((await store.alertLog.after(0, 10)).map(({ data }) => data.id)).toEqual([anomaly(1).id])
        expect((await store.alertLog.bounds()).latest).toBe(second)
        store = await reopen(store)
        expect(await publish(3)).toBeGreaterThan(second)
      })

      test('says what retention took', async () => {
        const cursors = [await publish(1), await publish(2), await publish(3)]
        await store.retention.sweep(2500, 100)
        expect(await store.alertLog.bounds()).toEqual({ oldest: cursors[1], latest: cursors[2] })
        await store.retention.sweep(9000, 100)
        expect(await store.alertLog.bounds()).toEqual({ oldest: cursors[2], latest: cursors[2] })
        expect(await publish(4)).toBeGreaterThan(cursors[2] ?? 0)
      })
    })

    test('an outgoing alert keeps the labels that it had at first', async () => {
      const alert = { incidentId: 'i1', labels: { service: 'payment' }, startsMs: 1000, endsMs: null }
      expect(await store.outbox.open(alert)).toEqual(alert)
      expect(await store.outbox.open({ ...alert, labels: { service: 'cart' }, startsMs: 2 })).toEqual(alert)
      await store.outbox.open({ ...alert, incidentId: 'i2' })
      await store.outbox.end('i1', 5000)
      await store.outbox.end('i1', 9000)
      store = await reopen(store)
      const ended = { ...alert, endsMs: 5000 }
      expect(await store.outbox.pending(5000)).toEqual([ended, { ...alert, incidentId: 'i2' }])
      for (const since of [5000.5, 5001, Number.POSITIVE_INFINITY])
        expect(await store.outbox.pending(since)).toEqual([{ ...alert, incidentId: 'i2' }])
    })

    test('counts of objectives come back, and saved again they take the place of earlier ones', async () => {
      const minute = { stepMs: 60_000, startMs: 60_000, total: 10, good: 9.5 }
      const hour = { stepMs: 3_600_000, startMs: 0, total: 10, good: 9.5 }
      const cart = { service: 'cart', indicator: 'availability', sinceMs: 5, metricsUntilMs: null }
      const slow = { service: 'cart', indicator: 'latency:300', sinceMs: 7, metricsUntilMs: 99 }
      await store.slo.save([
        { ...slow, counts: [hour] },
        { ...cart, counts: [hour, minute] },
      ])
      await store.slo.save([{ ...cart, metricsUntilMs: 8, counts: [{ ...minute, total: 12 }] }])
      store = await reopen(store)
      expect(await store.slo.indicators()).toEqual([{ ...cart, metricsUntilMs: 8 }, slow])
      expect(await store.slo.counts('cart', 'availability')).toEqual([{ ...minute, total: 12 }, hour])
      expect(await store.slo.counts('cart', 'latency:300')).toEqual([hour])
      expect(await store.slo.counts('cart', 'none')).toEqual([])
    })

    test('old counts of objectives go, and indicators of which nothing is left', async () => {
      const counts = (stepMs: number, steps: number[]) =>
        steps.map((step) => ({ stepMs, startMs: step * stepMs, total: 1, good: 1 }))
      const row = { indicator: 'availability', sinceMs: 0, metricsUntilMs: null }
      const [minutes, hours] = [counts(60_000, [0, 1, 50, 119, 120]), counts(3_600_000, [0, 1, 2])]
      await store.slo.save([
        { ...row, service: 'cart', counts: [...minutes, ...hours] },
        { ...row, service: 'gone', counts: counts(3_600_000, [0]) },
      ])
      const before = { minutesMs: 7_200_000, hoursMs: 3_600_000 }
      let rounds = 0
      while ((await store.slo.forget(before)) > 0) rounds++
      expect(rounds).toBeGreaterThan(1)
      expect(await store.slo.counts('cart', 'availability')).toEqual([...minutes.slice(4), ...hours.slice(1)])
      expect((await store.slo.indicators()).map(({ service }) => service)).toEqual(['cart'])
    })

    test('retention deletes what is old, in pieces, but nothing that is open', async () => {
      await add(...Array.from({ length: 25 }, (_, n) => dailyAnomaly(n + 1)))
      await store.incidents.save(incident(1))
      await store.incidents.save(incident(2, { state: 'resolved' }))
      await store.verdicts.give(verdict(1, { incident_id: incident(2).id }))
      await store.outbox.open({ incidentId: 'i1', labels: {}, startsMs: 1, endsMs: null })
      await store.outbox.open({ incidentId: 'i2', labels: {}, startsMs: 1, endsMs: 2 })
      now = 1000
      await store.detectorState.saveMany([{ stream: 's', entityId: 'gone', state: new Uint8Array(1) }])
      now = 30 * DAY_MS
      await store.detectorState.saveMany([{ stream: 's', entityId: 'here', state: new Uint8Array(1) }])

      for (const atMs of [20 * DAY_MS, 21 * DAY_MS])
        await store.graphs.save({ atMs, body: new Uint8Array(1) }, 100)

      const pieces: number[] = []
      do pieces.push(await store.retention.sweep(21 * DAY_MS, 10))
      while (pieces.at(-1) !== 0)
      expect(pieces.length).toBeGreaterThan(2)
      expect(pieces.reduce((sum, piece) => sum + piece)).toBe(20 + 1 + 1 + 1 + 1 + 1)
      const kept = await store.anomalies.page({ limit: 50 })
      expect(kept.items).toEqual([25, 24, 23, 22, 21].map((n) => dailyAnomaly(n)))
      expect(ids(await store.incidents.page({ limit: 50 }))).toEqual([1])
      expect(await store.verdicts.of(incident(2).id)).toEqual([])
      expect(await store.outbox.pending(0)).toMatchObject([{ incidentId: 'i1' }])
      expect(await store.graphs.at(21 * DAY_MS - 1)).toBeUndefined()
      expect((await store.graphs.at(30 * DAY_MS))?.atMs).toBe(21 * DAY_MS)
      expect(await store.detectorState.load('s', 'gone')).toBeUndefined()
      expect(await store.detectorState.load('s', 'here')).toHaveLength(1)
    })
  })
}
