import { expect, it } from 'vitest'
import { portions } from './portions.ts'

it.each([0, 1, 7, 8, 64, 65, 200])('%i rows come in portions of 64, 8 and 1, in order', (count) => {
  const rows = Array.from({ length: count }, (_, n) => n)
  const parts = [...portions(rows)]
  expect(parts.flat()).toEqual(rows)
  expect(parts.every(({ length }) => [64, 8, 1].includes(length))).toBe(true)
  expect(parts.filter(({ length }) => length === 8).length).toBeLessThan(8)
})
