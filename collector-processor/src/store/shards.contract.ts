import { describe, expect, test } from 'vitest'
import { sampleAnomaly } from './sample.test-data.ts'
import { type Fence, Fenced } from './shard.ts'
import type { Store } from './store.ts'

/** What every engine does for processors that share the work. `store` gives an empty one, whose clock is `setNow`'s. */
export function shardContract(store: () => Store, setNow: (ms: number) => void): void {
  const take = (id: string, member = 'a', nowMs = 0) => store().shards.take(id, `topic/${id}`, member, nowMs)
  const row = (fence: Fence, entityId = 'e', bytes = [1]) => ({
    stream: 's',
    entityId,
    state: Uint8Array.from(bytes),
    fence,
  })
  const settle = (fence: Fence, nowMs = 0, silentSinceMs = 0, entityId = 'e') =>
    store().homes.settle({ stream: 's', entityId, fence, nowMs, silentSinceMs })
  const found = (fence: Fence, stepMs: number, first = true) => ({ fence, stepMs, first })

  describe('shards', () => {
    test('are had by who took them last', async () => {
      const first = await take('0')
      const other = await take('1')
      expect(await store().shards.holds(first)).toBe(true)
      const second = await take('0', 'b')
      expect(second.epoch).toBeGreaterThan(first.epoch)
      expect(await store().shards.holds(first)).toBe(false)
      expect(await store().shards.holds(second)).toBe(true)
      expect(await store().shards.holds(other)).toBe(true)
    })

    test('say how far all of them have come, the silent ones left out', async () => {
      expect(await store().shards.reachedMs(0)).toBeUndefined()
      const [a, b] = [await take('0', 'a', 10), await take('1', 'b', 20)]
      expect(await store().shards.reach([{ fence: a, reachedMs: 500.5 }], 100)).toEqual([])
      expect(await store().shards.reachedMs(0)).toBe(0)
      await store().shards.reach([{ fence: b, reachedMs: 400 }], 200)
      expect(await store().shards.reachedMs(0)).toBe(400)
      expect(await store().shards.reachedMs(201)).toBeUndefined()
      const again = await take('1', 'a', 300)
      expect(
        await store().shards.reach(
          [
            { fence: b, reachedMs: 900 },
            { fence: a, reachedMs: 600 },
          ],
          300,
        ),
      ).toEqual([b])
      expect(await store().shards.reachedMs(300)).toBe(400)
      await store().shards.reach([{ fence: again, reachedMs: 700 }], 300)
      expect(await store().shards.reachedMs(0)).toBe(600)
    })
  })

  describe('what is learned in a shard', () => {
    test('is saved by who has it, and by nobody else', async () => {
      const old = await take('0')
      expect(await settle(old)).toBe(true)
      expect(await store().detectorState.saveMany([row(old)])).toEqual([])
      const now = await take('0', 'b')
      const zombie = row(old, 'e', [9])
      const own = { stream: 's', entityId: 'of nobody', state: Uint8Array.of(3) }
      expect(await store().detectorState.saveMany([zombie, own])).toEqual([zombie])
      expect(await store().detectorState.load('s', 'e')).toEqual(Buffer.from([1]))
      expect(await store().detectorState.load('s', 'of nobody')).toEqual(Buffer.from([3]))
      expect(await store().detectorState.saveMany([row(now, 'e', [2])])).toEqual([])
      expect(await store().detectorState.load('s', 'e')).toEqual(Buffer.from([2]))
    })

    test('beside detectors is there for who takes it next, whole, and not for who had it', async () => {
      const { shardState } = store()
      const [old, other] = [await take('0'), await take('1')]
      expect(await shardState.load(old)).toEqual(new Map())
      await shardState.save(
        old,
        new Map([
          ['a', Uint8Array.of(1, 2)],
          ['b', Uint8Array.of()],
        ]),
      )
      await shardState.save(other, new Map([['a', Uint8Array.of(7)]]))
      const now = await take('0', 'b')
      await expect(shardState.save(old, new Map([['a', Uint8Array.of(9)]]))).rejects.toThrow(Fenced)
      const read = async (fence: Fence) =>
        Array.from(await shardState.load(fence), ([key, bytes]) => [key, [...bytes]])
      expect(await read(now)).toEqual([
        ['a', [1, 2]],
        ['b', []],
      ])
      await shardState.save(
        now,
        new Map([
          ['a', Uint8Array.of(3)],
          ['b', null],
          ['c', null],
        ]),
      )
      expect(await read(now)).toEqual([['a', [3]]])
      expect(await read(other)).toEqual([['a', [7]]])
    })

    test('beside detectors goes once nobody has had the shard for long', async () => {
      const [gone, here] = [await take('0', 'a', 10), await take('1', 'a', 5000)]
      for (const fence of [gone, here])
        await store().shardState.save(fence, new Map([['a', Uint8Array.of(1)]]))
      while ((await store().retention.sweep(1000, 10)) > 0);
      expect((await store().shardState.load(gone)).size).toBe(0)
      expect((await store().shardState.load(here)).size).toBe(1)
    })

    test('is at home in one shard, until nothing of it came there for long', async () => {
      const [a, b] = [await take('0'), await take('1', 'b')]
      expect(await settle(a, 1000)).toBe(true)
      expect(await settle(b, 1500, 500)).toBe(false)
      const stray = row(b)
      expect(await store().detectorState.saveMany([stray])).toEqual([stray])
      setNow(2000)
      await store().detectorState.saveMany([row(a)])
      expect(await settle(b, 2400, 1400)).toBe(false)
      expect(await settle(b, 3100, 2100)).toBe(true)
      const former = row(a)
      expect(await store().detectorState.saveMany([former])).toEqual([former])
      expect(await settle(a, 3200, 2200)).toBe(false)
    })

    test('gets no home from who has the shard no more', async () => {
      const old = await take('0')
      await take('0', 'b')
      await expect(settle(old)).rejects.toThrow(Fenced)
      const other = await take('1')
      expect(await settle(other)).toBe(true)
    })
  })

  describe('what is found in a shard', () => {
    test('is left for the reducer in the order of steps, once', async () => {
      const fence = await take('0')
      await store().anomalies.add(sampleAnomaly(2), found(fence, 200))
      await store().anomalies.add(sampleAnomaly(1), found(fence, 100, false))
      await store().anomalies.add(sampleAnomaly(1), found(fence, 300))
      await store().anomalies.add(sampleAnomaly(3))
      const upTo = async (ms: number) =>
        (await store().findings.upTo(ms, 10)).map(({ anomaly, stepMs, first }) => [anomaly.id, stepMs, first])
      expect(await upTo(99)).toEqual([])
      expect(await upTo(1000)).toEqual([
        [sampleAnomaly(1).id, 100, false],
        [sampleAnomaly(2).id, 200, true],
      ])
      await store().findings.remove([sampleAnomaly(1).id])
      // Found again by the next owner of the shard: nothing to look at.
      await store().anomalies.add(sampleAnomaly(1), found(fence, 400))
      expect(await upTo(1000)).toEqual([[sampleAnomaly(2).id, 200, true]])
      await store().anomalies.remove(sampleAnomaly(2).id)
      expect(await upTo(1000)).toEqual([])
    })

    test('by who has it no more is not stored', async () => {
      const old = await take('0')
      const now = await take('0', 'b')
      await expect(store().anomalies.add(sampleAnomaly(1), found(old, 1))).rejects.toThrow(Fenced)
      expect(await store().anomalies.get(sampleAnomaly(1).id)).toBeUndefined()
      await store().anomalies.add(sampleAnomaly(1), found(now, 1))
      expect(await store().findings.upTo(9, 9)).toHaveLength(1)
    })

    test('of many at once those of a former owner alone are refused, and each is there once', async () => {
      const old = await take('0')
      const now = await take('0', 'b')
      const other = await take('1')
      const burst = [now, old, other, undefined].flatMap((fence, k) =>
        Array.from({ length: 90 }, (_, n) => ({ n: 100 * k + n, found: fence && found(fence, 100 * k + n) })),
      )
      const again = burst.slice(0, 5)
      const settled = await Promise.allSettled(
        [...burst, ...again].map(({ n, found }) => store().anomalies.add(sampleAnomaly(n), found)),
      )
      const refused = settled.flatMap((one, at) =>
        one.status === 'rejected' ? [{ at, why: one.reason }] : [],
      )
      expect(refused.map(({ at }) => at)).toEqual(Array.from({ length: 90 }, (_, n) => 90 + n))
      expect(refused.every(({ why }) => why instanceof Fenced)).toBe(true)
      const left = await store().findings.upTo(1000, 1000)
      expect(left.map(({ anomaly }) => anomaly.id)).toEqual(
        burst.flatMap(({ n, found }) => (found && found.fence !== old ? [sampleAnomaly(n).id] : [])),
      )
      expect((await store().anomalies.page({ limit: 1000 })).items).toHaveLength(270)
    })

    test('goes with retention, as do homes of what is gone and shards that nobody has', async () => {
      const fence = await take('0', 'a', 10)
      await settle(fence, 10, 0, 'gone')
      await settle(fence, 10, 0, 'here')
      setNow(5000)
      await store().detectorState.saveMany([row(fence, 'here')])
      await store().anomalies.add(sampleAnomaly(1), found(fence, 10))
      while ((await store().retention.sweep(1000, 10)) > 0);
      expect(await store().findings.upTo(9999, 9)).toEqual([])
      expect(await store().shards.holds(fence)).toBe(false)
      const other = await take('1', 'a', 5000)
      expect(await settle(other, 5000, 0, 'gone')).toBe(true)
      expect(await settle(other, 5000, 0, 'here')).toBe(false)
    })
  })
}
