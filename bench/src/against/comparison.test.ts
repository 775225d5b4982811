import { expect, it } from 'vitest'
import { compared } from './comparison.ts'

const rows = (ms: number, more: Record<string, number> = {}) =>
  Object.entries({ ms, ...more }).map(([measure, value]) => ({
    suite: 'speed',
    case: 'a',
    subject: 'adf',
    measure,
    value,
  }))

it('compares pair by pair, so that a machine that becomes slower does not show', () => {
  const pairs = [
    { before: rows(10), after: rows(5) },
    { before: rows(20), after: rows(10) },
    { before: rows(40), after: rows(24) },
  ]
  expect(compared(pairs)).toEqual([
    {
      suite: 'speed',
      case: 'a',
      subject: 'adf',
      measure: 'ms',
      before: 20,
      after: 10,
      ratio: { min: 0.5, median: 0.5, max: 0.6 },
    },
  ])
})

it('leaves out what one of the versions does not measure, and calls nothing and nothing the same', () => {
  const pairs = [{ before: rows(1, { old: 1, crashes: 0 }), after: rows(1, { fresh: 1, crashes: 0 }) }]
  expect(compared(pairs).map(({ measure, ratio }) => [measure, ratio.median])).toEqual([
    ['ms', 1],
    ['crashes', 1],
  ])
})
