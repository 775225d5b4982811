import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { QuantileSketch } from './quantile-sketch.ts'

/** 30 powers of two: within what the default number of buckets covers. */
const value = fc.double({ min: 1e-3, max: 1e6, noNaN: true })
const values = fc.array(value, { minLength: 1, maxLength: 300 })
const quantiles = [0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 1]

function sketchOf(numbers: readonly number[], maxBuckets?: number): QuantileSketch {
  const sketch = new QuantileSketch(maxBuckets)
  for (const each of numbers) sketch.add(each)
  return sketch
}

const read = (sketch: QuantileSketch) => [sketch.count, ...quantiles.map((q) => sketch.quantile(q))]

/** The quantile that the sketch approximates. */
function exact(numbers: readonly number[], q: number): number {
  const sorted = Float64Array.from(numbers).sort()
  return sorted[Math.floor(q * (sorted.length - 1))]!
}

describe('QuantileSketch', () => {
  it('keeps its relative error at every quantile', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (numbers, q) => {
        const wanted = exact(numbers, q)
        const got = sketchOf(numbers).quantile(q)
        expect(Math.abs(got - wanted)).toBeLessThanOrEqual(QuantileSketch.relativeError * wanted * (1 + 1e-9))
      }),
    )
    expect(QuantileSketch.relativeError).toBeLessThan(0.01)
  })

  it('is the same whether merged or learned in sequence', () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 8 }), (parts) => {
        const merged = new QuantileSketch()
        for (const part of parts) merged.merge(sketchOf(part))
        expect(read(merged)).toEqual(read(sketchOf(parts.flat())))
      }),
    )
  })

  it('is the same whether merged or learned in sequence when buckets collapse', () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 8 }), (parts) => {
        const merged = new QuantileSketch(100)
        for (const part of parts) merged.merge(sketchOf(part, 100))
        expect(read(merged)).toEqual(read(sketchOf(parts.flat(), 100)))
      }),
    )
  })

  it('takes back what was merged', () => {
    fc.assert(
      fc.property(values, values, values, (first, second, third) => {
        const sketch = sketchOf(first)
        sketch.merge(sketchOf(second))
        sketch.subtract(sketchOf(first))
        sketch.merge(sketchOf(third))
        expect(read(sketch)).toEqual(read(sketchOf([...second, ...third])))
      }),
    )
  })

  it('has a bounded number of buckets, and gives up the lowest first', () => {
    fc.assert(
      fc.property(values, (numbers) => {
        const sketch = sketchOf(numbers, 128)
        expect(sketch.buckets).toBeLessThanOrEqual(128)
        expect(sketch.count).toBe(numbers.length)
        const wanted = exact(numbers, 1)
        expect(Math.abs(sketch.quantile(1) - wanted)).toBeLessThanOrEqual(
          QuantileSketch.relativeError * wanted * (1 + 1e-9),
        )
        const lowest = exact(numbers, 0)
        expect(sketch.quantile(0)).toBeGreaterThanOrEqual(lowest * (1 - QuantileSketch.relativeError))
      }),
    )
    const wide = sketchOf([1, 2 ** 10], 128)
    expect(wide.collapsed).toBe(true)
    expect(wide.quantile(0)).toBeGreaterThan(2 ** 8)
    wide.clear()
    wide.add(1)
    expect(wide.collapsed).toBe(false)
    expect(wide.quantile(0)).toBeCloseTo(1, 1)
  })

  it('counts zero as zero and leaves out what is no duration', () => {
    const sketch = sketchOf([0, -0, Number.NaN, Number.POSITIVE_INFINITY, -1, 5])
    expect(sketch.count).toBe(3)
    expect(sketch.quantile(0)).toBe(0)
    expect(sketch.quantile(1)).toBeCloseTo(5, 1)
    expect(new QuantileSketch().quantile(0.5)).toBeNaN()
  })
})
