import { seeded } from '@adf/detectors'
import { weightBytes, weightsHash, weightsOf } from '@adf/federation/weights'
import { describe, expect, it } from 'vitest'
import { Momentum } from '../aggregate/optimiser/momentum.ts'
import { combine } from './combine.ts'
import { release } from './release.ts'
import { aggregatorOf, faultyOf, optimiserOf } from './rule-of.ts'
import { aggregation, optimiser } from './rules.ts'
import type { Submitted } from './submitted.ts'

const update = (client: number, values: number[], more: Partial<Submitted> = {}): Submitted => ({
  id: `u${client}`,
  clientId: `c${client}`,
  trusted: false,
  round: 1,
  base: 4,
  samples: 10,
  sampleCap: 100,
  released: false,
  values: Float32Array.from(values),
  ...more,
})
const options = (settings: object, more: object = {}) => {
  const parsed = aggregation.parse(settings)
  return {
    settings: parsed,
    aggregator: aggregatorOf(parsed, 4),
    optimiser: optimiserOf(optimiser.parse({})),
    state: undefined,
    weights: Float32Array.of(1, 1),
    base: 4,
    stalenessLimit: 4,
    rng: seeded(1),
    ...more,
  }
}
const mean = { rule: 'fed_avg', pre_steps: [] }

describe('the next weights', () => {
  it('are the weights and the aggregate, late updates counting for less', () => {
    const { weights } = combine([update(1, [1, 0]), update(2, [0, 1], { base: 3 })], options(mean))
    expect([...weights]).toEqual([1.5, 1.25])
  })

  it('weigh samples up to the cap of enrolment', () => {
    const { weights } = combine(
      [update(1, [1, 0], { samples: 300 }), update(2, [0, 1], { samples: 1e6 })],
      options(mean),
    )
    expect([...weights]).toEqual([1.5, 1.5])
  })

  it('follow the trusted clients, who do not count', () => {
    const updates = [update(1, [2, 0]), update(2, [-1, 0]), update(3, [1, 0], { trusted: true })]
    const { weights, leftOut } = combine(updates, options({ rule: 'fl_trust', pre_steps: [] }))
    expect([...weights]).toEqual([2, 1])
    expect(leftOut).toEqual([{ clientId: 'c2', reason: 'opposed' }])
    expect(() => combine(updates.slice(0, 2), options({ rule: 'fl_trust', pre_steps: [] }))).toThrow('root')
  })

  it('count the trusted clients where they are not the measure, and nobody of them as faulty', () => {
    const updates = [
      ...[10, 0.4, 0.2].map((value, i) => update(i, [value, 0])),
      update(3, [0.3, 0], { trusted: true }),
    ]
    const { weights, faulty } = combine(updates, options({ pre_steps: [], rule: 'trimmed_mean' }))
    expect(faulty).toBe(0)
    expect(weights[0]).toBeCloseTo(1 + 10.9 / 4, 6)
    const trimmed = combine(updates, options({ pre_steps: [], rule: 'trimmed_mean', faulty: 1 }))
    expect(trimmed.weights[0]).toBeCloseTo(1.35, 6)
  })

  it('are not made when the rule cannot protect so few', () => {
    const updates = [update(1, [1, 0]), update(2, [0, 1])]
    expect(() => combine(updates, options({ faulty: 1 }))).toThrow('needs 3 updates against 1 faulty')
    expect(() => combine([], options({}))).toThrow('needs 1 updates')
  })

  it('go on from the state of the optimiser', () => {
    const more = { optimiser: new Momentum(1, 0.5) }
    const first = combine([update(1, [1, 1])], options(mean, more))
    const second = combine(
      [update(1, [0, 0])],
      options(mean, { ...more, state: first.state, weights: first.weights }),
    )
    expect([...second.weights]).toEqual([1.75, 1.75])
  })
})

it('mixes neighbours only where that is affordable', () => {
  const settings = { rule: 'fed_avg', pre_steps: ['nearest_neighbour_mixing'], faulty: 0 }
  const made = (count: number, more: object) => {
    const updates = Array.from({ length: count }, (_, i) => update(i, [i / count, 1]))
    return combine(updates, options({ ...settings, ...more })).weights
  }
  expect(made(10, {})).toEqual(made(10, { pre_steps: [] }))
  expect(made(300, {})).toEqual(made(300, { pre_steps: [] }))
  expect(() => made(2, { faulty: 1 })).toThrow('needs 3 updates against 1 faulty')
})

it('takes as many for faulty as the rule withstands, up to three in ten', () => {
  const faulty = (settings: object, updates: number) => {
    const parsed = aggregation.parse(settings)
    return faultyOf(parsed, aggregatorOf(parsed, 4), updates)
  }
  expect([1, 3, 5, 10].map((n) => faulty({}, n))).toEqual([0, 0, 1, 3])
  expect([4, 5, 7, 10].map((n) => faulty({ rule: 'multi_krum' }, n))).toEqual([0, 1, 2, 3])
  expect([5, 7, 10, 15].map((n) => faulty({ rule: 'bulyan' }, n))).toEqual([0, 1, 1, 3])
  expect(faulty(mean, 10)).toBe(0)
  expect(faulty({ faulty: 2 }, 3)).toBe(2)
})

it('releases what clients can follow, and owes the rest to the next version', () => {
  const rng = seeded(3)
  const target = Float32Array.from({ length: 3000 }, () => rng() - 0.5)
  let held = new Float32Array(3000)
  let off = Number.POSITIVE_INFINITY
  for (let version = 1; version <= 12; version++) {
    const released = release(held, target, 1)
    expect(released.hash).toBe(weightsHash(released.weights))
    held = new Float32Array(released.weights)
    const now = Math.hypot(...held.map((value, i) => value - target[i]!))
    expect(now).toBeLessThan(off)
    off = now
  }
  expect(off).toBeLessThan(0.1)
  expect(weightsOf(weightBytes(held), 3000)).toEqual(held)
  expect(() => weightsOf(weightBytes(held), 2999)).toThrow(RangeError)
})
