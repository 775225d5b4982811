import { expect, it } from 'vitest'
import type { LogEvidence } from './evidence.ts'
import { logFindings } from './logs.ts'

const seen = (more: Partial<LogEvidence>): LogEvidence => ({
  service: 'cart',
  what: 'template',
  subject: 'cannot reserve <*>',
  example: 'cannot reserve 17',
  value: 0.5,
  expected: 0,
  z: 12,
  sinceMs: 5,
  ...more,
})

it('tells what is new, with an example', () => {
  expect(logFindings([seen({})])).toMatchObject([
    {
      kind: 'log',
      expected: null,
      strength: 12,
      text: 'log template "cannot reserve <*>" is new, 0.5 times a request; for example: cannot reserve 17',
    },
  ])
})

it('tells how much more often it is', () => {
  const [template, order] = logFindings([
    seen({ expected: 0.01 }),
    seen({ what: 'transition', subject: 'a → b', expected: 0.01 }),
  ])
  expect(template?.text).toContain('is seen 0.5 times a request, normally 0.01;')
  expect(order?.text).toContain('order of log lines "a → b" is seen 50 % of the cases, normally 1 %;')
})

it('knows exceptions as such', () => {
  expect(logFindings([seen({ what: 'exception', subject: 'TimeoutError' })])[0]?.kind).toBe('exception')
})

it.each([
  ['13', `exception "13" (the code of gRPC's INTERNAL) is new`],
  ['42', 'exception "42" is new'],
])('says what the number of a failed gRPC call means: %s', (subject, text) => {
  expect(logFindings([seen({ what: 'exception', subject })])[0]?.text).toContain(text)
})

it('leaves out what is rarer than usual: whoever is asked for less logs less', () => {
  expect(logFindings([seen({ z: -20, expected: 3 })])).toEqual([])
})
