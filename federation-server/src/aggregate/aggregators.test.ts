import { seeded } from '@adf/detectors'
import { describe, expect, it } from 'vitest'
import { piece, type Values } from '../vector/vector.ts'
import { aggregatorContract, client } from './aggregator.contract.ts'
import { Bulyan } from './bulyan.ts'
import { ClippedMean } from './clipped-mean.ts'
import { CoordinateMedian } from './coordinate-median.ts'
import { FedAvg } from './fed-avg.ts'
import { FlTrust } from './fl-trust.ts'
import { GeometricMedian } from './geometric-median.ts'
import { Krum } from './krum.ts'
import { NearestNeighbourMixing } from './nearest-neighbour-mixing.ts'
import { NormClipping } from './norm-clipping.ts'
import { Pipeline } from './pipeline.ts'
import { Staleness } from './staleness.ts'
import { TrimmedMean } from './trimmed-mean.ts'

const numbers = (values: Values): number[] => [
  ...piece(values, 0, values.length, new Float64Array(values.length)),
]
const majority = [1, 3, 5, 7] as const
const krum = [3, 5, 7, 9] as const
const never = Number.POSITIVE_INFINITY

aggregatorContract('FedAvg', () => new FedAvg(), { claims: 'none', fewest: [1, never, never, never] })
aggregatorContract('clipped mean', () => new ClippedMean(), { claims: 'short', fewest: majority })
aggregatorContract('adaptively clipped mean', () => new ClippedMean('adaptive'), {
  ...{ claims: 'short', fewest: majority },
})
aggregatorContract('coordinate median', () => new CoordinateMedian(), { claims: 'near', fewest: majority })
aggregatorContract('trimmed mean', () => new TrimmedMean(), { claims: 'near', fewest: majority })
aggregatorContract('Krum', () => new Krum('krum'), { claims: 'near', fewest: krum })
aggregatorContract('Multi-Krum', () => new Krum('multi_krum'), { claims: 'near', fewest: krum })
aggregatorContract('Bulyan', () => new Bulyan(), { claims: 'near', fewest: [3, 7, 11, 15] })
aggregatorContract('geometric median', () => new GeometricMedian(), { claims: 'near', fewest: majority })
aggregatorContract('FLTrust', () => new FlTrust(), { claims: 'near', fewest: [1, 1, 1, 1] })
aggregatorContract(
  'clipping, mixing and trimmed mean',
  () => new Pipeline([new NormClipping('adaptive'), new NearestNeighbourMixing()], new TrimmedMean()),
  { claims: 'near', fewest: majority },
)
aggregatorContract(
  'staleness and Multi-Krum',
  () => new Pipeline([new Staleness(4)], new Krum('multi_krum')),
  { claims: 'near', fewest: krum },
)

const round = (rows: readonly number[][], faulty = 0) => ({
  updates: rows.map((row, i) => client(i, Float64Array.from(row))),
  weights: new Float64Array(rows[0]!.length),
  faulty,
  rng: seeded(1),
})
const list = (values: Float64Array) => [...values]

describe('aggregators by hand', () => {
  it('FedAvg weighs by samples, up to what enrolment allows', () => {
    const updates = [
      { ...client(0, Float32Array.of(1)), samples: 10, sampleCap: 1000 },
      { ...client(1, Float32Array.of(5)), samples: 1_000_000, sampleCap: 30 },
    ]
    expect(list(new FedAvg().aggregate({ ...round([[0]]), updates }).update)).toEqual([4])
  })

  it('the median of an even number is between the middle two', () => {
    const { update } = new CoordinateMedian().aggregate(round([[1], [2], [4], [100]], 1))
    expect(list(update)).toEqual([3])
  })

  it('the trimmed mean leaves out f at either end of each coordinate', () => {
    const rows = [
      [1, 9],
      [2, 8],
      [3, -100],
      [6, 7],
      [100, 6],
    ]
    expect(list(new TrimmedMean().aggregate(round(rows, 1)).update)).toEqual([11 / 3, 7])
    expect(list(new TrimmedMean().aggregate(round(rows, 2)).update)).toEqual([3, 7])
  })

  it('Krum takes the one in the thick of it, Multi-Krum all but the farthest, and both say who is out', () => {
    const rows = [[0], [1], [2.1], [3], [50]]
    const one = new Krum('krum').aggregate(round(rows, 1))
    expect(list(one.update)).toEqual([2.1])
    expect(one.leftOut.length).toBe(4)
    const many = new Krum('multi_krum').aggregate(round(rows, 1))
    expect(list(many.update)[0]).toBeCloseTo(6.1 / 4, 12)
    expect(many.leftOut).toEqual([{ clientId: 'client-004', reason: 'outlying' }])
  })

  it('Bulyan averages what is nearest to the median of those that Krum picks', () => {
    const rows = [[0], [1], [2], [3], [4], [1000], [-1000]]
    const { update, leftOut } = new Bulyan().aggregate(round(rows, 1))
    expect(list(update)).toEqual([2])
    expect(leftOut.map(({ clientId }) => clientId)).toEqual(['client-005', 'client-006'])
  })

  it('the geometric median of a triangle is where its corners are seen under equal angles', () => {
    const rows = [
      [0, 0],
      [1, 0],
      [0.5, Math.sqrt(3) / 2],
    ]
    const [x, y] = new GeometricMedian().aggregate(round(rows, 1)).update
    expect(x).toBeCloseTo(0.5, 3)
    expect(y).toBeCloseTo(Math.sqrt(3) / 6, 3)
  })

  it('FLTrust gives all the length of the root, weighs by direction, and leaves out who points away', () => {
    const rows = [
      [1000, 0],
      [0.1, 0.1],
      [-5, 0],
      [0, 3],
    ]
    const { update, leftOut } = new FlTrust().aggregate({ ...round(rows, 3), root: Float64Array.of(2, 0) })
    const trust = Math.SQRT1_2
    expect(update[0]).toBeCloseTo((2 + trust * 2 * trust) / (1 + trust), 12)
    expect(update[1]).toBeCloseTo((trust * 2 * trust) / (1 + trust), 12)
    expect(leftOut).toEqual([
      { clientId: 'client-002', reason: 'opposed' },
      { clientId: 'client-003', reason: 'opposed' },
    ])
  })

  it.each([undefined, new Float64Array(2), Float64Array.of(1), Float64Array.of(1, Number.NaN)])(
    'FLTrust refuses the root update %o',
    (root) => {
      const bare = round([[1, 2]])
      expect(() => new FlTrust().aggregate(root === undefined ? bare : { ...bare, root })).toThrow(
        expect.objectContaining({ code: 'no_root' }),
      )
    },
  )

  it('mixing draws neighbours together and keeps who they are', () => {
    const { updates } = new NearestNeighbourMixing().apply(round([[0], [2], [4], [100]], 1))
    expect(updates.map(({ values }) => Math.round(10 * numbers(values)[0]!) / 10)).toEqual([2, 2, 2, 35.3])
    expect(updates[3]?.clientId).toBe('client-003')
  })

  it('clipping keeps directions', () => {
    const rows = [
      [3, 4],
      [30, 40],
      [0, 1],
    ]
    const { updates } = new NormClipping('median').apply(round(rows, 1))
    expect(updates.map(({ values }) => numbers(values).map((v) => Number(v.toFixed(9))))).toEqual([
      [3, 4],
      [3, 4],
      [0, 1],
    ])
    expect(() => new NormClipping(0)).toThrow(RangeError)
  })

  it('late updates count for less, and too late ones not at all', () => {
    const late = (staleness: number) => ({ ...client(staleness, Float64Array.of(6)), staleness })
    const { updates, leftOut } = new Staleness(4).apply({ ...round([[0]]), updates: [0, 1, 4, 5].map(late) })
    expect(updates.map(({ values }) => numbers(values)[0])).toEqual([6, 3, 2])
    expect(leftOut).toEqual([{ clientId: 'client-005', reason: 'stale' }])
  })

  it('a pipeline refuses when too few are left of enough', () => {
    const updates = [0, 0, 9, 9].map((staleness, i) => ({ ...client(i, Float64Array.of(i)), staleness }))
    const pipeline = new Pipeline([new Staleness(4)], new TrimmedMean())
    expect(() => pipeline.aggregate({ ...round([[0]], 1), updates })).toThrow(
      expect.objectContaining({ code: 'too_few_updates' }),
    )
  })
})
