import { expect, test } from 'vitest'
import { skewOf } from './skew.ts'

const HEARD = Date.parse('2026-03-01T03:12:05Z')

test.each([
  ['2026-03-01T03:12:05Z', 0],
  ['2026-03-01T03:11:06Z', 0],
  ['2026-03-01T04:12:05Z', 3_600_000],
  ['2026-03-01T02:12:05Z', -3_600_000],
])('of %s the clock here is off by %d ms', (at, skew) => {
  expect(skewOf(at, HEARD)).toBe(skew)
})
