import { expect, test } from 'vitest'
import { levelOf } from './level.ts'

test.each([
  [2, 'all'],
  [0.5, 'all'],
  [0.49, 'name'],
  [0.2, 'name'],
  [0.05, 'colour'],
])('at %f of its size %s of a node is drawn', (zoom, level) => {
  expect(levelOf(zoom)).toBe(level)
})
