import { Registry } from 'prom-client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Config } from '../config.ts'
import { Pipeline } from '../pipeline.ts'
import { StreamClock } from '../receiver/kafka/stream-clock.ts'
import { makeEngine } from '../scoring/testing/engine.ts'
import type { Fence } from '../store/shard.ts'
import { openSqliteStore } from '../store/sqlite.ts'
import type { Store } from '../store/store.ts'
import { MemberShards } from './member-shards.ts'
import { MemberShard } from './shard.ts'
import { vectorWork } from './vector-work.ts'

let store: Store
const left: Fence[] = []
beforeEach(async () => {
  store = await openSqliteStore({ path: ':memory:', clock: () => 0 })
  left.length = 0
})
afterEach(() => store.close())

const WALL = 1_000_000
const place = (partition: number) => ({ source: `id/${partition}`, topic: 't', partition })

function member(name: string, stored: () => Promise<void> = async () => {}): MemberShards {
  const registry = new Registry()
  const { engine } = makeEngine({}, { registry })
  const config = Config.parse({})
  const shards: MemberShards = new MemberShards({
    member: name,
    store: store.shards,
    makeClock: () => new StreamClock(() => WALL, 60_000),
    make: async (_place, fence, clock) =>
      new MemberShard({
        fence,
        clock,
        stepMs: 1000,
        within: shards.within,
        log: { error: () => {} },
        work: vectorWork(
          new Pipeline({
            config,
            clock: clock.now,
            rng: () => 0,
            newId: () => 'id',
            registry: new Registry(),
            scoring: engine,
            outputs: {
              anomaly: () => {},
              joined: () => {},
              happened: () => {},
              incident: () => {},
              left: () => {},
              failed: () => {},
            },
          }),
        ),
      }),
    leave: async ({ fence }) => {
      left.push(fence)
    },
    stored,
    wall: () => WALL,
  })
  return shards
}

test('each partition has a time of its own: what a new one brings is not late', async () => {
  const shards = member('a')
  const caughtUp = await shards.begin(place(0))
  caughtUp.clock.catchUp()
  const behind = await shards.begin(place(1))
  behind.step(behind.clock.reach(WALL - 30_000))
  expect([caughtUp.clock.now(), behind.clock.now(), behind.steppedMs]).toEqual([
    WALL,
    WALL - 30_000,
    WALL - 30_000,
  ])
  expect(shards.delayMs).toBe(30_000)
  for (const shard of [caughtUp, behind]) await shards.end(shard)
  expect(left.map(({ shard }) => shard)).toEqual(['id/0', 'id/1'])
  expect(shards.size).toBe(0)
})

test('what comes is of the shard that is at work, and of none between', async () => {
  const shards = member('a')
  const [one, other] = [await shards.begin(place(0)), await shards.begin(place(1))]
  expect(shards.current).toBeUndefined()
  one.within(() => {
    expect(shards.current).toBe(one)
    other.within(() => expect(shards.current).toBe(other))
    expect(shards.current).toBe(one)
  })
  expect(() =>
    one.within(() => {
      throw new Error('a bad message')
    }),
  ).toThrow('a bad message')
  expect(shards.current).toBeUndefined()
  for (const shard of [one, other]) await shards.end(shard)
})

test('a shard that another member took is lost: it goes on with no membership, and tells no time', async () => {
  const [a, b] = [member('a'), member('b')]
  const old = await a.begin(place(0))
  const kept = await a.begin(place(1))
  for (const shard of [old, kept]) shard.step(shard.clock.reach(WALL - 10_000))
  await a.tell()
  expect(await a.holds(old)).toBe(true)
  const now = await b.begin(place(0))
  expect(await a.holds(old)).toBe(false)
  await a.tell()
  expect([old.lost, kept.lost, now.lost]).toEqual([true, false, false])
  now.step(now.clock.reach(WALL - 20_000))
  await b.tell()
  await a.tell()
  expect(await store.shards.reachedMs(0)).toBe(WALL - 20_000)
  for (const [shards, shard] of [
    [a, old],
    [a, kept],
    [b, now],
  ] as const)
    await shards.end(shard)
})

test('of a partition that is not read any more no time passes', async () => {
  const shards = member('a')
  const shard = await shards.begin(place(0))
  shard.step(shard.clock.reach(WALL - 10_000))
  shards.away(false)
  shard.step(shard.clock.reach(WALL - 8000))
  expect([shard.steppedMs, shard.halted]).toEqual([WALL - 8000, false])
  shards.away(true)
  shard.step(shard.clock.reach(WALL - 5000))
  expect([shard.steppedMs, shard.halted]).toEqual([WALL - 8000, true])
  await shards.end(shard)
})

test('no time is told while what was found until then is not stored', async () => {
  let full = true
  const shards = member('a', async () => {
    if (full) throw new Error('3 findings wait for the store')
  })
  const shard = await shards.begin(place(0))
  shard.step(shard.clock.reach(WALL - 10_000))
  await expect(shards.tell()).rejects.toThrow('findings wait')
  expect(await store.shards.reachedMs(0)).toBe(0)
  full = false
  await shards.tell()
  expect(await store.shards.reachedMs(0)).toBe(WALL - 10_000)
  await shards.end(shard)
})
