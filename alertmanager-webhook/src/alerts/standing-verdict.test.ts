import { expect, test } from 'vitest'
import { standingVerdict } from './standing-verdict.ts'

const word = (verdict: 'true_positive' | 'false_positive', weight: number, givenMs: number) => ({
  verdict,
  weight,
  givenMs,
})

test('the heavier side stands', () => {
  expect(standingVerdict([])).toBeUndefined()
  expect(
    standingVerdict([
      word('true_positive', 1, 1),
      word('false_positive', 0.3, 2),
      word('false_positive', 0.3, 3),
    ]),
  ).toBe('true_positive')
})

test('of equal sides that of the latest word, also where sums are not exact', () => {
  const words = [word('false_positive', 0.3, 5), word('true_positive', 0.1, 9), word('true_positive', 0.2, 1)]
  expect(standingVerdict(words)).toBe('true_positive')
  expect(standingVerdict(words.with(0, word('false_positive', 0.3, 10)))).toBe('false_positive')
})
