import { seeded } from '@adf/detectors'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Fence } from '../store/shard.ts'
import { openSqliteStore } from '../store/sqlite.ts'
import type { Store } from '../store/store.ts'
import { makeEngine } from './testing/engine.ts'
import { SimulatedService, simulatedStream } from './testing/simulated-service.ts'

const entity = { id: 'shop', kind: 'service', service: 'shop' } as const
const traffic = { rate: 10, medianMs: 50, sigma: 0.5, errorShare: 0 }
const vectors = (count: number) => {
  const service = new SimulatedService('shop', traffic, seeded(11))
  return Array.from({ length: count }, () => service.next())
}

let store: Store
let nowMs = 0
beforeEach(async () => {
  nowMs = 0
  store = await openSqliteStore({ path: ':memory:', clock: () => nowMs })
})
afterEach(() => store.close())

const engineOf = () =>
  makeEngine(
    { readsAgain: true, staleAfterMs: 60_000 },
    { states: store.detectorState, homes: store.homes, clock: () => nowMs },
  )
type Engine = ReturnType<typeof engineOf>['engine']
const take = (shard: string, member: string) => store.shards.take(shard, shard, member, nowMs)
/** Until what is read for the entity is there. */
const known = async (engine: Engine, fence: Fence) => {
  const vector = { stream: simulatedStream, entity, timeMs: 0 }
  do await new Promise((resolve) => setImmediate(resolve))
  while (engine.loads(vector, fence))
}

describe('an entity of a shard', () => {
  it('goes on with the next owner as if it had never moved, and its former one can write no more', async () => {
    const all = vectors(900)
    const whole = makeEngine().engine
    const expected = all.map((vector) => whole.score(vector)?.score)

    const first = engineOf()
    const old = await take('t/0', 'a')
    await known(first.engine, old)
    const before = all.slice(0, 500).map((vector) => first.engine.score(vector, old)?.score)
    await first.engine.saveAll()
    // It goes on for a while, since it does not know yet.
    for (const vector of all.slice(500, 600)) first.engine.score(vector, old)

    const second = engineOf()
    const now = await take('t/0', 'b')
    await first.engine.saveAll()
    expect(await first.registry.metrics()).toContain('adf_detector_states_refused_total{reason="fenced"} 1')
    expect(first.engine.counts().total).toBe(0)
    await known(second.engine, now)
    // What was read and not committed comes again.
    expect(all.slice(450, 500).map((vector) => second.engine.score(vector, now))).toEqual(
      Array(50).fill(undefined),
    )
    const after = all.slice(500).map((vector) => second.engine.score(vector, now)?.score)
    expect([...before, ...after]).toEqual(expected)
  })

  it('is scored in one shard only, until nothing came there for long', async () => {
    const all = vectors(400)
    const [a, b] = [engineOf(), engineOf()]
    const [home, other] = [await take('t/0', 'a'), await take('t/1', 'b')]
    await known(a.engine, home)
    for (const vector of all.slice(0, 300)) a.engine.score(vector, home)
    await a.engine.saveAll()
    await known(b.engine, other)
    expect(b.engine.score(all[300]!, other)).toBeUndefined()
    expect(b.engine.counts().total).toBe(0)
    expect(b.warnings).toHaveLength(1)
    expect(await b.registry.metrics()).toContain('adf_vectors_skipped_total{reason="elsewhere"} 1')
    nowMs = 61_000
    await known(b.engine, other)
    expect(b.engine.inspect(simulatedStream.name, entity.id)).toMatchObject({ ready: true })
    expect(b.engine.score(all[301]!, other)).toBeDefined()
    a.engine.score(all[302]!, home)
    await a.engine.saveAll()
    expect(a.engine.counts().total).toBe(0)
  })

  it('is saved and forgotten when its shard is left', async () => {
    const first = engineOf()
    const fence = await take('t/0', 'a')
    await known(first.engine, fence)
    for (const vector of vectors(300)) first.engine.score(vector, fence)
    await first.engine.leave(fence)
    expect(first.engine.counts().total).toBe(0)
    const second = engineOf()
    const next = await take('t/0', 'b')
    await known(second.engine, next)
    expect(second.engine.inspect(simulatedStream.name, entity.id)).toMatchObject({ ready: true })
  })

  it('is not learned anew while what was learned cannot be read', async () => {
    let away = true
    const { engine } = makeEngine(
      { readsAgain: true },
      {
        homes: store.homes,
        states: {
          load: async (stream, id) => {
            if (away) throw new Error('the database is away')
            return store.detectorState.load(stream, id)
          },
          saveMany: (rows) => store.detectorState.saveMany(rows),
        },
      },
    )
    const fence = await take('t/0', 'a')
    const vector = vectors(1)[0]!
    expect(engine.loads(vector, fence)).toBe(true)
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    expect(engine.loads(vector, fence)).toBe(true)
    away = false
    await known(engine, fence)
    expect(engine.counts().total).toBe(1)
  })
})
