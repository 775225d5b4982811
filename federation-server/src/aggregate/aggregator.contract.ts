import { normal, seeded } from '@adf/detectors'
import { compressUpdate, decodeUpdate, readUpdate, SCALE_BLOCK } from '@adf/detectors/update'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Vector } from '../vector/dense.ts'
import { pack } from '../vector/packed.ts'
import { norm, squaredDistance, type Values, weightedMean } from '../vector/vector.ts'
import type { AggregationRound, Aggregator, ClientUpdate } from './aggregator.ts'

const LENGTH = 203

/** What an honest majority makes of each coordinate, and how far each client is off. */
const direction = (() => {
  const rng = seeded(1)
  return Float64Array.from({ length: LENGTH }, () => 0.01 * normal(rng))
})()

type Numbers = ClientUpdate & { readonly values: Vector }

export function client(index: number, values: Vector, samples = 100): Numbers {
  return { clientId: `client-${String(index).padStart(3, '0')}`, values, samples, sampleCap: 1000 }
}

function honest(count: number, seed: number, noise = 0.004): Numbers[] {
  const rng = seeded(seed)
  return Array.from({ length: count }, (_, i) =>
    client(
      i,
      Float32Array.from(direction, (value) => value + noise * normal(rng)),
    ),
  )
}

const round = (updates: readonly ClientUpdate[], faulty: number): AggregationRound => ({
  updates,
  weights: new Float32Array(LENGTH),
  faulty,
  rng: seeded(7),
  root: direction,
})

const distance = (a: Vector, b: Vector) => Math.sqrt(squaredDistance(a, b))

/** By what an attacker replaces an honest update. */
const attacks: [string, (own: Vector, mean: Float64Array) => Vector][] = [
  ['scales its update', (own) => own.map((value) => 1e9 * value)],
  ['flips its sign and scales it', (own) => own.map((value) => -1e4 * value)],
  ['sends the largest values', (own) => Float64Array.from(own, (_, i) => (i % 2 === 0 ? 1e99 : -1e99))],
  ['sends one large value', (own) => own.map((value, i) => (i === 17 ? 1e6 : value))],
  ['sends the negative mean', (_, mean) => mean.map((value) => -3 * value)],
  ['sends zeros', (own) => own.map(() => 0)],
]

export interface AggregatorOptions {
  /**
   * What the rule claims against up to f updates of any kind. `near`: the result is about as near the honest mean as the honest ones are.
   * `short`: it is no longer than the longest honest update. `none`: nothing.
   */
  readonly claims: 'near' | 'short' | 'none'
  /** Fewest updates against 0, 1, 2 and 3 faulty ones. */
  readonly fewest: readonly [number, number, number, number]
}

/** What every aggregator must pass. The round has a root update, the mean of honest ones. */
export function aggregatorContract(
  name: string,
  factory: () => Aggregator,
  options: AggregatorOptions,
): void {
  const { claims, fewest } = options
  const faultless = claims === 'none' ? 0 : 1
  const attackersOf = claims === 'none' ? [] : [1, 2, 3]
  const code = (expected: string) => expect.objectContaining({ name: 'AggregationError', code: expected })

  describe(`${name}: aggregator contract`, () => {
    it('says how many updates it needs, takes so many and refuses one fewer', () => {
      for (const [faulty, count] of fewest.entries()) {
        expect(factory().fewest(faulty)).toBe(count)
        const enough = Number.isFinite(count) ? count : 50
        const run = (n: number) => factory().aggregate(round(honest(n, 2), faulty))
        if (enough === count) expect(run(enough).update.length).toBe(LENGTH)
        else expect(() => run(enough)).toThrow(code('too_few_updates'))
        expect(() => run(Math.min(enough, count) - 1)).toThrow(code('too_few_updates'))
      }
    })

    it.each([-1, 0.5, Number.NaN])('refuses %d faulty updates', (faulty) => {
      expect(() => factory().aggregate(round(honest(20, 2), faulty))).toThrow(code('invalid_faulty'))
    })

    it('gives the same bits again, and in whatever order the updates come', () => {
      const updates = honest(15, 3)
      const first = factory().aggregate(round(updates, faultless))
      expect(factory().aggregate(round(updates, faultless))).toEqual(first)
      fc.assert(
        fc.property(fc.shuffledSubarray(updates, { minLength: updates.length }), (shuffled) => {
          expect(factory().aggregate(round(shuffled, faultless))).toEqual(first)
        }),
        { numRuns: 30 },
      )
    })

    it('makes of equal updates that update', () => {
      const updates = Array.from({ length: 15 }, (_, i) => client(i, direction, 1 + 7 * i))
      const { update } = factory().aggregate(round(updates, faultless))
      expect(distance(update, direction)).toBeLessThan(1e-12 * norm(direction))
    })

    it('makes zeros of zeros, unless the root update says otherwise', () => {
      const updates = Array.from({ length: 15 }, (_, i) => client(i, new Float32Array(LENGTH)))
      const { update, leftOut } = factory().aggregate(round(updates, faultless))
      if (leftOut.some(({ reason }) => reason === 'opposed')) expect(update).toEqual(direction)
      else expect(norm(update)).toBe(0)
    })

    it('is near the honest mean when all are honest', () => {
      const updates = honest(15, 4)
      const mean = meanOf(updates)
      const { update } = factory().aggregate(round(updates, faultless))
      expect(distance(update, mean)).toBeLessThan(1.2 * farthest(updates, mean))
    })

    it('makes the same of updates in the bits that they came in', () => {
      const frames = honest(15, 11).map(({ values }) => compressUpdate(Float32Array.from(values), 1).bytes)
      const of = (read: (frame: Uint8Array) => Values) =>
        factory().aggregate(
          round(
            frames.map((frame, i) => ({ ...client(i, direction), values: read(frame) })),
            faultless,
          ),
        )
      const packed = of((frame) => {
        const content = readUpdate(frame, LENGTH)
        if (content.kind === 'dense') throw new Error('is quantised')
        return pack(content.symbols, content.scales, SCALE_BLOCK)
      })
      const { update, leftOut } = of((frame) => decodeUpdate(frame, LENGTH))
      expect(packed.leftOut).toEqual(leftOut)
      expect(distance(packed.update, update)).toBeLessThan(1e-6 * norm(update))
    })

    it('changes nothing of what it is given', () => {
      const updates = honest(15, 5)
      const copies = updates.map(({ values }) => values.slice())
      factory().aggregate(round(updates, faultless))
      expect(updates.map(({ values }) => values)).toEqual(copies)
    })

    it.each(attackersOf)('keeps the influence of %i faulty updates bounded', (faulty) => {
      const count = Math.max(fewest[faulty]!, 11)
      const good = honest(count, 6)
      const truthful = good.slice(faulty)
      const mean = meanOf(truthful)
      const longest = Math.max(...truthful.map(({ values }) => norm(values)))
      for (const [attack, forge] of attacks) {
        const updates = good.map((update, i) =>
          i < faulty
            ? { ...update, values: forge(update.values, mean), samples: 1e9, sampleCap: 1e9 }
            : update,
        )
        const { update } = factory().aggregate(round(updates, faulty))
        expect(update.every(Number.isFinite), attack).toBe(true)
        if (claims === 'short') expect(norm(update), attack).toBeLessThanOrEqual(longest)
        else expect(distance(update, mean), attack).toBeLessThan(1.5 * farthest(truthful, mean))
      }
    })

    it('names who is left out, each once, in order', () => {
      const updates = honest(15, 8)
      updates[3] = client(
        3,
        direction.map((value) => -50 * value),
      )
      const { leftOut } = factory().aggregate(round(updates, faultless))
      const ids = leftOut.map(({ clientId }) => clientId)
      expect(ids).toEqual([...new Set(ids)].sort())
      expect(updates.map(({ clientId }) => clientId)).toEqual(expect.arrayContaining(ids))
    })

    it.each([
      ['not_finite', { values: direction.map((value, i) => (i === 5 ? Number.NaN : value)) }],
      ['not_finite', { values: direction.map((value, i) => (i === 5 ? Number.NEGATIVE_INFINITY : value)) }],
      ['not_finite', { values: direction.map((value, i) => (i === 5 ? 1e200 : value)) }],
      ['wrong_length', { values: direction.subarray(1) }],
      ['wrong_length', { values: new Float32Array(0) }],
      ['invalid_samples', { samples: 0 }],
      ['invalid_samples', { samples: Number.NaN }],
      ['invalid_samples', { samples: 1.5 }],
      ['invalid_samples', { sampleCap: -1 }],
      ['invalid_samples', { staleness: -1 }],
      ['duplicate_client', { clientId: 'client-004' }],
    ] as const)('refuses an update for %s, and says whose', (expected, change) => {
      const updates = honest(15, 9)
      updates[2] = { ...updates[2]!, ...change }
      const clientId = 'clientId' in change ? change.clientId : 'client-002'
      expect(() => factory().aggregate(round(updates, faultless))).toThrow(
        expect.objectContaining({ code: expected, clientId }),
      )
    })

    it('refuses global weights that are not finite', () => {
      const broken = {
        ...round(honest(15, 9), faultless),
        weights: new Float32Array(LENGTH).fill(Number.NaN),
      }
      expect(() => factory().aggregate(broken)).toThrow(code('not_finite'))
    })
  })
}

const meanOf = (updates: readonly ClientUpdate[]): Float64Array =>
  weightedMean(
    updates.map(({ values }) => values),
    updates.map(() => 1),
  )

const farthest = (updates: readonly Numbers[], mean: Float64Array): number =>
  Math.max(...updates.map(({ values }) => distance(values, mean)))
