import { expect, test } from 'vitest'
import { withGaps } from './gaps.ts'

test('where nothing was seen for long there is a gap, elsewhere none', () => {
  expect(withGaps([0, 250, 500, 10_500, 10_750], [1, 2, 3, 4, 5])).toEqual({
    times: [0, 250, 500, 5500, 10_500, 10_750],
    values: [1, 2, 3, null, 4, 5],
  })
})

test('what came evenly, or but once or twice, stays as it is', () => {
  for (const times of [[0, 60_000, 120_000], [0, 60_000], [0], []])
    expect(withGaps(times, times)).toEqual({ times, values: times })
})
