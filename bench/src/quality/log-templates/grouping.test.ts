import { expect, it } from 'vitest'
import { judgeGrouping } from './grouping.ts'

const lines = (text: string) =>
  text.split(' ').map((pair) => ({ statement: pair[0] ?? '', template: pair[1] ?? '' }))

it('counts the lines of statements that are neither split nor mixed with others', () => {
  expect(judgeGrouping(lines('ax ax by'))).toEqual({ ga: 1, whole: 1, pure: 1 })
  expect(judgeGrouping(lines('ax ay bz cz dw'))).toEqual({ ga: 0.2, whole: 0.75, pure: 0.75 })
})
