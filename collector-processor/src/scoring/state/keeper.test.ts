import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { DetectorStateRow } from '../ports.ts'
import { simulatedStream } from '../testing/simulated-service.ts'
import { Entities } from './entities.ts'
import { EntityState } from './entity-state.ts'
import { StateKeeper } from './keeper.ts'

/** So many changed states, and what was saved of them in order. */
function keeperOf(count: number, options?: ConstructorParameters<typeof StateKeeper>[2]) {
  const entities = new Entities(count, 1000)
  const saved: string[] = []
  const states = Array.from({ length: count }, (_, at) => {
    const state = new EntityState(simulatedStream, { id: `s${at}`, kind: 'service' }, undefined)
    entities.add(state, 0)
    return state
  })
  const change = () => {
    for (const state of states) state.dirty = true
  }
  change()
  const store = {
    load: async () => undefined,
    saveMany: async (rows: readonly DetectorStateRow[]) => {
      saved.push(...rows.map(({ entityId }) => entityId))
      return []
    },
  }
  return { keeper: new StateKeeper(entities, store, options), saved, states, change }
}

describe('a save of states', () => {
  it('goes on where the one before ended, though all have changed again', async () => {
    const { keeper, saved, change } = keeperOf(10)
    for (let round = 0; round < 3; round++) {
      await keeper.save({ limit: 4 })
      change()
    }
    expect(saved).toEqual(Array.from({ length: 10 }, (_, at) => `s${at}`))
    await keeper.save({ limit: 4 })
    expect(saved.slice(10)).toEqual(['s0', 's1', 's2', 's3'])
  })

  it('is spread over the time that it has', async () => {
    const pauses: number[] = []
    const { keeper, saved } = keeperOf(10, {
      pause: async (ms) => {
        pauses.push(ms)
      },
    })
    await keeper.save({ spreadMs: 30_000 })
    expect(pauses).toEqual([10_000, 10_000, 10_000])
    expect(saved).toHaveLength(10)
  })

  it('has no pauses left when all is to be saved, and nothing is left out', async () => {
    const { keeper, saved, states } = keeperOf(10, {
      pause: (_, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
    })
    const spread = keeper.save({ spreadMs: 30_000 })
    // As one that is scored after it was saved.
    await setImmediate()
    expect(saved).toEqual(['s0', 's1', 's2', 's3'])
    states[0]!.dirty = true
    await keeper.saveAll()
    await spread
    expect(new Set(saved).size).toBe(10)
    expect(saved.filter((one) => one === 's0')).toHaveLength(2)
    expect(states.filter(({ dirty }) => dirty)).toEqual([])
  })

  it('leaves out what was saved meanwhile, such as one that was evicted', async () => {
    const { keeper, saved, states } = keeperOf(6)
    await keeper.save({ limit: 4 })
    await keeper.write([states[4]!])
    await keeper.save()
    expect(saved).toEqual(['s0', 's1', 's2', 's3', 's4', 's5'])
  })
})
