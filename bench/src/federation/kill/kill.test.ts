import { expect, it } from 'vitest'
import { tally } from './kill.ts'
import { everyStep, moments } from './moments.ts'
import type { Outcome } from './run.ts'

const outcome = (more: Partial<Outcome> = {}): Outcome => ({
  hash: 'a',
  kills: 3,
  lost: 0,
  double: 0,
  auditOk: true,
  ...more,
})

it('counts what went otherwise than undisturbed', () => {
  const undisturbed = outcome({ kills: 0 })
  expect(tally([outcome(), outcome()], undisturbed)).toEqual({
    runs: 2,
    kills: 6,
    mismatches: 0,
    lost: 0,
    double: 0,
    audit_ok: 1,
  })
  const bad = [outcome({ hash: 'b' }), outcome({ lost: 2, double: 1, auditOk: false })]
  expect(tally(bad, undisturbed)).toMatchObject({ mismatches: 1, lost: 2, double: 1, audit_ok: 0 })
})

it('kills before and after each step once, and at moments that follow from the seed', () => {
  expect([...everyStep()]).toHaveLength(16)
  const some = (seed: number) => {
    const moment = moments(seed)
    return Array.from({ length: 200 }, () => moment.next().value)
  }
  expect(some(1)).toEqual(some(1))
  expect(some(1)).not.toEqual(some(2))
  for (const kill of some(1))
    expect('afterMs' in kill && kill.afterMs >= 200 && kill.afterMs <= 6000).toBe(true)
})
