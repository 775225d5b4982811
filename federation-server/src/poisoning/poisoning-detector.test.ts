import { normal, type Rng, seeded } from '@adf/detectors'
import { describe, expect, it } from 'vitest'
import { scaled } from '../vector/vector.ts'
import type { Inspection } from './inspection.ts'
import { PoisoningDetector } from './poisoning-detector.ts'
import { honestRounds, inspected, layers, name } from './simulated-round.test-data.ts'

const CLIENTS = 10
const ATTACKERS = 3
/** The attack begins when a run is under way. */
const BEGINS = 8
const ROUNDS = 36

/** What an attacker sends, who knows what all honest ones send. */
type Attack = (own: Float32Array, honest: readonly Float32Array[], rng: Rng, round: number) => Float32Array

const mean = (rows: readonly Float32Array[], i: number) =>
  rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length

function deviation(rows: readonly Float32Array[], i: number): number {
  const centre = mean(rows, i)
  return Math.sqrt(rows.reduce((sum, row) => sum + (row[i]! - centre) ** 2, 0) / rows.length)
}

const drift = Float32Array.from(
  { length: 1500 },
  (
    (rng) => () =>
      normal(rng)
  )(seeded(99)),
)

/** Together, a little further with each round. */
const drifting =
  (step: number): Attack =>
  (own, _, rng, round) =>
    own.map((value, i) => value + step * (round - BEGINS) * (drift[i]! + 0.3 * normal(rng)))

const attacks: Record<string, Attack> = {
  scaling: (own) => own.map((value) => 10 * value),
  'sign-flip': (own) => own.map((value) => -value),
  'sign-flip x 4': (own) => own.map((value) => -4 * value),
  'one layer': (own) => own.map((value, i) => (i >= 800 && i < 900 ? 8 * value : value)),
  noise: (own, _, rng) => own.map((value) => value + 0.1 * normal(rng)),
  ALIE: (own, honest) => own.map((_, i) => mean(honest, i) - 1.2 * deviation(honest, i)),
  IPM: (own, honest) => own.map((_, i) => -0.5 * mean(honest, i)),
  'min-max': (own, honest) => own.map((_, i) => mean(honest, i) - 2 * Math.sign(mean(honest, i)) * 0.005),
  Sybil: (own, honest, rng) => own.map((_, i) => mean(honest, i) + 0.004 * drift[i]! + 0.0003 * normal(rng)),
  drift: drifting(1e-3),
}

function run(seed: number, attack?: Attack): Inspection[][] {
  const rng = seeded(seed + 1000)
  const detector = new PoisoningDetector({ layers }, seeded(seed + 2000))
  let state = detector.begin()
  const inspections: Inspection[][] = []
  let round = 0
  for (const honest of honestRounds(CLIENTS, ROUNDS, seed)) {
    const truthful = honest.slice(ATTACKERS)
    const sent = honest.map((own, i) =>
      attack !== undefined && i < ATTACKERS && round >= BEGINS ? attack(own, truthful, rng, round) : own,
    )
    const result = detector.inspect(state, inspected(sent), round++)
    inspections.push(result.inspections)
    state = result.state
  }
  return inspections
}

const attackers = new Set(Array.from({ length: ATTACKERS }, (_, i) => name(i)))
const held = (all: readonly Inspection[][], of: (id: string) => boolean) => {
  const theirs = all.flat().filter(({ clientId }) => of(clientId))
  return theirs.filter(({ quarantined }) => quarantined).length / theirs.length
}

describe('poisoning detector', () => {
  it('holds back at most one in a hundred updates when all are honest', () => {
    const shares = [1, 2, 3].map((seed) => held(run(seed), () => true))
    expect(shares.reduce((a, b) => a + b, 0) / 3).toBeLessThanOrEqual(0.01)
  })

  it.each(Object.entries(attacks))('holds back %s, and not the honest', (_, attack) => {
    for (const seed of [1, 2]) {
      const inspections = run(seed, attack)
      const late = inspections.slice(-8)
      expect(held(late, (id) => attackers.has(id))).toBeGreaterThan(0.9)
      expect(held(inspections, (id) => !attackers.has(id))).toBeLessThanOrEqual(0.02)
    }
  })

  it('does not see a drift that stays below what honest clients differ by: aggregation has to bound it', () => {
    expect(held(run(1, drifting(1e-4)), (id) => attackers.has(id))).toBeLessThan(0.05)
  })

  it('says why in words and numbers, the worst first', () => {
    const [caught] = run(1, attacks['scaling']!)[ROUNDS - 1]!
    expect(caught?.findings[0]?.suspicion).toBe(1)
    expect(caught?.findings.find(({ kind }) => kind === 'norm')?.text).toMatch(
      /^norm \d+(\.\d+)?, \d+\.\d deviations from usual$/,
    )
    expect(caught?.suspicion).toBe(1)
    expect(caught?.reputation).toBeLessThan(0.05)
  })

  it('gives back their trust to clients that have become honest', () => {
    const fleeting: Attack = (own, _, __, round) => (round < 20 ? own.map((value) => -4 * value) : own)
    const last = run(2, fleeting).at(-1)!
    for (const { quarantined, reputation } of last) {
      expect(quarantined).toBe(false)
      expect(reputation).toBeGreaterThan(0.6)
    }
  })

  it('is the same whatever the order, and writes to nothing it is given', () => {
    const detector = new PoisoningDetector({ layers }, seeded(1))
    const rounds = [...honestRounds(6, 12, 7)].map(inspected)
    let state = detector.begin()
    for (const [round, updates] of rounds.entries()) {
      const copy = structuredClone(state)
      const result = detector.inspect(state, updates, round)
      expect(state).toEqual(copy)
      expect(detector.inspect(state, updates.toReversed(), round)).toEqual(result)
      expect(detector.inspect(copy, updates, round)).toEqual(result)
      state = result.state
    }
  })

  it('remembers a bounded number of clients and values, and the distrusted longest', () => {
    const detector = new PoisoningDetector({ layers, mostClients: 20 }, seeded(1))
    let state = detector.begin()
    let round = 0
    let bad = 0
    for (const honest of honestRounds(8, 60, 8)) {
      const updates = inspected(honest).map((update, i) =>
        i === 0
          ? { clientId: 'bad', values: scaled(update.values, 50) }
          : { ...update, clientId: `${update.clientId}-${round}` },
      )
      const result = detector.inspect(state, round < 10 ? updates : updates.slice(1), round++)
      state = result.state
      bad = Math.max(bad, state.reputations.size)
    }
    expect(bad).toBe(20)
    expect(state.courses.size).toBe(20)
    expect(state.reputations.get('bad')?.value).toBeLessThan(0.3)
    for (const { values, above } of state.history) expect([values.length, above.length]).toEqual([256, 256])
    expect(state.reconstruction.rows.length).toBe(192)
    expect(state.reconstruction.errors.values.length).toBe(256)
  })

  it.each([0, 1, 2])('inspects a round of %i clients, zeros and extremes among them', (count) => {
    const detector = new PoisoningDetector({ layers }, seeded(1))
    let state = detector.begin()
    for (const [round, value] of [0, 1e-30, 1e30, 0].entries()) {
      const rows = Array.from({ length: count }, () => new Float32Array(1500).fill(value))
      const result = detector.inspect(state, inspected(rows), round)
      expect(result.inspections.length).toBe(count)
      for (const { suspicion, reputation } of result.inspections) {
        expect(suspicion >= 0 && suspicion <= 1).toBe(true)
        expect(reputation >= 0 && reputation <= 1).toBe(true)
      }
      state = result.state
    }
    expect(state.reconstruction.network.weights.every(Number.isFinite)).toBe(true)
  })
})
