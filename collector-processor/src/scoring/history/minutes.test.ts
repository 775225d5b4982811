import { seeded } from '@adf/detectors'
import { describe, expect, it } from 'vitest'
import { BLOCK_MS, levelOf, MINUTE_MS, type ScoreBlock, severitiesBetween } from '../../store/score-block.ts'
import { makeEngine } from '../testing/engine.ts'
import { SimulatedService, STEP_MS } from '../testing/simulated-service.ts'
import { LevelBuffers } from './level-buffers.ts'
import { SeverityMinutes } from './minutes.ts'

const told = (minutes: SeverityMinutes, fromMs: number, toMs: number) =>
  severitiesBetween(
    [...minutes.blocks()].map(({ block, levels }) => ({ beginMs: block * BLOCK_MS, levels })),
    fromMs,
    toMs,
  )
const store = (minutes: SeverityMinutes) => {
  for (const block of minutes.blocks()) block.dirty = false
}

describe('severities by the minute', () => {
  it('keep the largest of each minute, rounded down to two digits, 2 at most', () => {
    const minutes = new SeverityMinutes(0, new LevelBuffers())
    for (const [timeMs, severity] of [
      [1000, 0.3],
      [59_999, 0.799],
      [30_000, 0.2],
      [60_000, 0],
      [180_000, 7],
      [200_000, Number.NaN],
      [240_000, Number.NaN],
    ] as const)
      expect(minutes.record(timeMs, severity)).toBe(true)
    expect(told(minutes, 0, 300_000)).toEqual([0.79, 0, null, 2, null])
  })

  it('tell of a threshold of two digits whether it was reached', () => {
    for (let hundredth = 0; hundredth <= 200; hundredth++) {
      const threshold = hundredth / 100
      expect(levelOf(threshold)).toBe(hundredth)
      expect(levelOf(threshold - 1e-6) / 100).toBeLessThan(Math.max(threshold, 1e-9))
    }
  })

  it('hold the running block and the one before it, for what comes late', () => {
    const minutes = new SeverityMinutes(BLOCK_MS, new LevelBuffers())
    minutes.record(BLOCK_MS + MINUTE_MS, 0.1)
    store(minutes)
    expect(minutes.record(2 * BLOCK_MS, 0.2)).toBe(true)
    expect(minutes.record(2 * BLOCK_MS - 1, 0.3)).toBe(true)
    expect(minutes.record(BLOCK_MS - 1, 0.4)).toBe(false)
    // The older of the two is not stored yet: it must not be given up.
    expect(minutes.record(3 * BLOCK_MS, 0.5)).toBe(false)
    store(minutes)
    expect(minutes.record(3 * BLOCK_MS, 0.5)).toBe(true)
    expect([...minutes.blocks()].map(({ block }) => block)).toEqual([2, 3])
  })

  it('of many entities are each their own', () => {
    const buffers = new LevelBuffers()
    const all = Array.from({ length: 20 }, () => new SeverityMinutes(0, buffers))
    for (const [i, minutes] of all.entries()) minutes.record(i * MINUTE_MS, i / 10)
    for (const [i, minutes] of all.entries())
      expect(told(minutes, 0, 20 * MINUTE_MS)).toEqual(
        Array.from({ length: 20 }, (_, at) => (at === i ? i / 10 : null)),
      )
    expect(new Set(all.map((minutes) => [...minutes.blocks()][0]?.levels.buffer)).size).toBe(3)
  })

  it('go on after a time that was far ahead', () => {
    const minutes = new SeverityMinutes(BLOCK_MS, new LevelBuffers())
    minutes.record(BLOCK_MS, 0.1)
    minutes.record(999 * BLOCK_MS, 0.9)
    for (let block = 1; block < 5; block++) {
      store(minutes)
      expect(minutes.record(block * BLOCK_MS + 1, 0.2)).toBe(true)
    }
  })
})

describe('the engine', () => {
  const traffic = { rate: 10, medianMs: 50, sigma: 0.5, errorShare: 0 }

  it('stores what it scored, again and in parts, and tells it before it is stored', async () => {
    const stored: ScoreBlock[] = []
    let refuse = false
    const scores = {
      merge: async (blocks: readonly ScoreBlock[]) => {
        if (refuse) throw new Error('disk full')
        stored.push(...blocks.map((block) => ({ ...block, levels: block.levels.slice() })))
      },
    }
    const { engine, warnings, registry } = makeEngine({}, { scores })
    const service = new SimulatedService('cart', traffic, seeded(1))
    const largest: number[] = []
    const run = (vectors: number) => {
      for (let i = 0; i < vectors; i++) {
        const scored = engine.score(service.next())
        if (scored === undefined) continue
        const minute = Math.floor(scored.vector.timeMs / MINUTE_MS)
        largest[minute] = Math.max(largest[minute] ?? 0, scored.severity)
      }
    }
    const expected = () => Array.from(largest, (one) => (one === undefined ? null : levelOf(one) / 100))
    const until = () => largest.length * MINUTE_MS
    run(100)
    expect(engine.severities('service', 'cart')).toBeUndefined()
    run(1500)
    expect(severitiesBetween(engine.severities('service', 'cart') ?? [], 0, until())).toEqual(expected())
    await engine.saveScores()
    await engine.saveScores()
    expect(stored).toHaveLength(1)
    refuse = true
    run((5 * MINUTE_MS) / STEP_MS)
    await engine.saveScores()
    expect(warnings).toEqual(['scores could not be saved; the next save tries again'])
    expect(await registry.metrics()).toContain('adf_detector_state_failures_total{operation="save_scores"} 1')
    refuse = false
    await engine.stop()
    expect(severitiesBetween(stored, 0, until())).toEqual(expected())
    expect(largest.length).toBeGreaterThan(6)
  })

  it('stores what is left of an entity that makes room', async () => {
    const stored: string[] = []
    const scores = {
      merge: async (blocks: readonly ScoreBlock[]) => {
        stored.push(...blocks.map(({ entityId }) => entityId))
      },
    }
    const { engine } = makeEngine({ maxEntities: 1, staleAfterMs: 0 }, { scores })
    const cart = new SimulatedService('cart', traffic, seeded(1))
    for (let i = 0; i < 300; i++) engine.score(cart.next())
    const payment = new SimulatedService('payment', traffic, seeded(2))
    for (let i = 0; i < 800; i++) engine.score(payment.next())
    await engine.saveScores()
    expect(stored).toEqual(['cart', 'payment'])
  })
})
