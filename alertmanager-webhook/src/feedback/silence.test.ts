import { expect, test } from 'vitest'
import type { Silence } from '../store/store.ts'
import { readSilence } from './silence.ts'

const FIRED = 1_000_000
const silence = (more: Partial<Silence> = {}): Silence => ({
  id: 's1',
  createdBy: 'ann',
  comment: 'noisy',
  startsMs: FIRED + 1000,
  endsMs: FIRED + 3_600_000,
  updatedMs: FIRED + 1000,
  matchers: JSON.stringify([{ name: 'alertname', value: 'ADFIncident', isRegex: false, isEqual: true }]),
  ...more,
})
const read = (more: Partial<Silence>) => readSilence({ silence: silence(more), alertStartedMs: FIRED })
const matchers = (...all: object[]) => JSON.stringify(all)

test('a silence made on an alert, without another reason, says that it was noise', () => {
  expect(read({})).toBe('noise')
  expect(read({ comment: '' })).toBe('noise')
  expect(read({ matchers: matchers({ name: 'incident', value: 'x' }) })).toBe('noise')
})

test.each(['weekly maintenance', 'Deploy of v2.4', 'DB migration', 'planned', 'load testing'])(
  '%s is planned work',
  (comment) => {
    expect(read({ comment })).toBe('planned')
  },
)

test.each(['ack', 'looking at it', 'known issue OPS-12', 'investigating'])(
  '%s says that somebody works on it',
  (comment) => {
    expect(read({ comment })).toBe('acknowledged')
  },
)

test('one that was there before is about something else', () => {
  expect(read({ startsMs: FIRED - 1 })).toBe('before_the_alert')
})

test.each([
  matchers({ name: 'team', value: 'shop', isRegex: false, isEqual: true }),
  matchers({ name: 'alertname', value: '.*', isRegex: true, isEqual: true }),
  matchers({ name: 'service', value: 'cart', isRegex: false, isEqual: false }),
  '[]',
  '{}',
  'no json',
  '[null, 3]',
])('matchers %s name no alert', (text) => {
  expect(read({ matchers: text })).toBe('broad')
})
