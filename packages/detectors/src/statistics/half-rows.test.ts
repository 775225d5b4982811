import { expect, it } from 'vitest'
import { HalfRows } from './half-rows.ts'

const ROWS = 100

/** Writes them in turn, one column. @returns what is read of the latest ones */
function stored(values: readonly number[]): number[] {
  const rows = new HalfRows(ROWS, 1)
  for (const [i, value] of values.entries()) rows.set(i % ROWS, 0, value)
  const first = Math.max(0, values.length - ROWS)
  return values.slice(first).map((_, i) => rows.get((first + i) % ROWS, 0))
}

const wave = (level: number, size: number) => (_: unknown, i: number) => level + size * Math.sin(i)
const many = (value: (_: unknown, i: number) => number, length = 5 * ROWS) => Array.from({ length }, value)

it.each([
  ['around 0', 0, 1],
  ['small on a large level', 1e9, 0.01],
  ['tiny', 1e-12, 1e-13],
  ['huge', 1e37, 1e36],
])('keeps what is %s to a thousandth', (_, level, size) => {
  const values = many(wave(level, size))
  const got = stored(values)
  for (const [i, value] of values.slice(-ROWS).entries())
    expect(Math.abs(got[i]! - value)).toBeLessThan(size / 1000)
})

it('keeps a constant as it is, and NaN', () => {
  expect(new Set(stored(many(() => 0.1)))).toEqual(new Set([0.1]))
  const got = stored(many((_, i) => (i % 2 ? Number.NaN : 0.1)))
  expect(got.filter(Number.isNaN)).toHaveLength(ROWS / 2)
  expect(stored(many(() => Number.NaN, ROWS))).toEqual(Array(ROWS).fill(Number.NaN))
})

it('finds a new level once it has lasted, and is not far off before', () => {
  const values = [...many(() => 0), ...many(wave(8000, 1), 3 * ROWS)]
  const got = stored(values)
  for (const [i, value] of values.slice(-ROWS).entries())
    expect(Math.abs(got[i]! - value)).toBeLessThan(0.001)
  const soon = stored(values.slice(0, 5.5 * ROWS)).slice(-ROWS / 2)
  for (const each of soon) expect(Math.abs(each - 8000)).toBeLessThan(6)
})

it.each([Number.MAX_VALUE, Number.POSITIVE_INFINITY, -1e30])('lives through %s', (wild) => {
  const values = many(wave(50, 1), 4 * ROWS)
  values[10] = wild
  const got = stored(values.slice(0, ROWS))
  expect(got.every(Number.isFinite)).toBe(true)
  expect(got[60]).toBeCloseTo(50, 0)
  for (const [i, each] of stored(values).entries())
    expect(Math.abs(each - values[3 * ROWS + i]!)).toBeLessThan(0.001)
})
