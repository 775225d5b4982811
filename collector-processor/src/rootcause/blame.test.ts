import { expect, it } from 'vitest'
import { directBlame } from './blame.ts'
import type { Effect, Finding } from './finding.ts'

const found = (service: string, strength: number, effect?: Effect): Finding => ({
  service,
  kind: 'exclusive_time',
  place: 'service',
  subject: 'GET',
  value: 1,
  expected: 1,
  unit: 'ms',
  strength,
  effect,
  sinceMs: undefined,
  text: '',
})
const blameAt = (waitedMs: number, ...findings: Finding[]) =>
  directBlame(
    Map.groupBy(findings, ({ service }) => service),
    waitedMs,
  )
const blame = (...findings: Finding[]) => blameAt(0, ...findings)
const time = (amount: number): Effect => ({ currency: 'time', amount })

it('blames the one that makes others wait, not the oddest', () => {
  const of = blame(found('slow', 10, time(9000)), found('odd', 40, time(100)))
  expect(of.get('slow')).toBeGreaterThan(of.get('odd') ?? 0)
})

it('weighs failures against failures, and waiting against waiting', () => {
  const of = blame(found('failing', 16, { currency: 'failures', amount: 3 }), found('slow', 16, time(90_000)))
  expect(of.get('failing')).toBe(of.get('slow'))
})

it('knows services by findings without an effect when there are no others', () => {
  expect([...blame(found('logs', 25)).keys()]).toEqual(['logs'])
})

it('a little waiting beside what requests take anyway weighs less than new log lines', () => {
  const findings = [found('slow', 15, time(90)), found('logs', 30)]
  const first = (waitedMs: number) =>
    [...blameAt(waitedMs, ...findings)].toSorted(([, a], [, b]) => b - a)[0]?.[0]
  expect(first(0)).toBe('slow')
  expect(first(8000)).toBe('logs')
})

it('blames nobody without findings', () => {
  expect(blame().size).toBe(0)
})
