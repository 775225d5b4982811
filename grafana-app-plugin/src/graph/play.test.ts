import { expect, test } from 'vitest'
import { framesOf } from './play.ts'

const incident = { started_at: '2026-03-01T03:12:05.000Z', resolved_at: '2026-03-01T03:14:05.000Z' }
const later = Date.parse('2026-03-01T09:00:00Z')

test('an incident goes by a minute at a step, from before its beginning to after its end', () => {
  expect(framesOf(incident, later).map((at) => at.slice(11, 16))).toEqual([
    '03:10',
    '03:11',
    '03:12',
    '03:13',
    '03:14',
    '03:15',
  ])
})

test('one that is open goes on to now, an hour at most', () => {
  const open = { ...incident, resolved_at: null }
  expect(framesOf(open, Date.parse('2026-03-01T03:13:00Z'))).toHaveLength(3)
  expect(framesOf(open, later)).toHaveLength(60)
})

test('one of a clock that is ahead has nothing to show', () => {
  expect(framesOf(incident, Date.parse('2026-03-01T03:00:00Z'))).toEqual([])
})
