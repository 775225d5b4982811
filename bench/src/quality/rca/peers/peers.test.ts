import { describe, expect, it } from 'vitest'
import { baro } from './baro.ts'
import { microrank, type OperationTrace } from './microrank.ts'

describe('BARO', () => {
  it('ranks by the largest value in units of the range before', () => {
    const steady = { before: [10, 11, 12, 13, 14], after: [12, 13] }
    expect(
      baro([
        { service: 'web', ...steady },
        { service: 'cart', before: steady.before, after: [20] },
        { service: 'ads', before: [10, 20, 30, 40, 50], after: [60] },
      ]),
    ).toEqual(['cart', 'ads', 'web'])
  })

  it('leaves out what was never seen', () => {
    expect(baro([{ service: 'web', before: [Number.NaN], after: [1] }])).toEqual([])
  })
})

describe('MicroRank', () => {
  const trace = (durationMs: number, ...operations: string[]): OperationTrace => ({
    operations: new Map(operations.map((operation) => [operation, 1])),
    calls: operations.slice(1).map((callee) => [operations[0] ?? '', callee]),
    durationMs,
  })
  const normal = new Map(['web', 'cart', 'ads'].map((name) => [name, { mean: 10, deviation: 1 }]))

  it('blames the operation that slow traces have and others do not', () => {
    const traces = [
      ...Array.from({ length: 10 }, () => trace(20, 'web', 'ads')),
      ...Array.from({ length: 5 }, () => trace(200, 'web', 'cart')),
    ]
    expect(microrank(traces, normal)[0]).toBe('cart')
  })

  it('blames nothing while no trace is slow', () => {
    expect(microrank([trace(20, 'web', 'cart')], normal)).toEqual([])
  })
})
