import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { opened, type Round } from '../round.ts'
import { decideSecurely, type SecureSituation } from './decide.ts'
import { parametersOf } from './parameters.ts'

const T = 1_000_000
const rules = {
  masking: { threshold: 0.66, clip: 1, sampleCap: 1000, phaseMs: 500 },
  deadlineMs: 2000,
  quorum: 1,
}
const round: Round = { ...opened(1, 4, T), state: 'COLLECTING', deadlineMs: T + 2000 }
const parameters = { base: 4, clients: 5, threshold: 4, length: 20, clip: 1, sample_cap: 1000 }
const none = { keys: 0, shares: 0, input: 0, confirmation: 0, answer: 0 }
const at = (
  phase: SecureSituation['phase'],
  counts: Partial<SecureSituation['counts']>,
  { nowMs = T, deadlineMs = T + 500, revoked = 0, asked = 5, quorum = 1 } = {},
) =>
  decideSecurely(
    round,
    {
      phase,
      parameters,
      deadlineMs: phase === 'advertising' ? undefined : deadlineMs,
      counts: { ...none, ...counts },
      revoked,
    },
    asked,
    { ...rules, quorum },
    nowMs,
  )

describe('a phase', () => {
  it('goes on as soon as all who can have sent their message', () => {
    expect(at('advertising', { keys: 4 })).toMatchObject({ kind: 'wait', untilMs: T + 2000 })
    expect(at('advertising', { keys: 5 })).toEqual({ kind: 'share', phaseDeadlineMs: T + 500 })
    expect(at('sharing', { keys: 5, shares: 4 })).toMatchObject({ kind: 'wait', untilMs: T + 500 })
    expect(at('sharing', { keys: 4, shares: 4 })).toMatchObject({ kind: 'mask' })
    expect(at('masking', { keys: 5, shares: 5, input: 5 })).toMatchObject({ kind: 'confirm' })
    expect(at('confirming', { shares: 5, input: 4, confirmation: 4 })).toMatchObject({ kind: 'unmask' })
    expect(at('unmasking', { input: 5, confirmation: 5, answer: 3 })).toMatchObject({ kind: 'wait' })
    expect(at('unmasking', { input: 5, confirmation: 5, answer: 4 })).toEqual({ kind: 'close' })
  })

  it('goes on at its deadline with as many as the threshold, else the round is abandoned', () => {
    const late = { nowMs: T + 500 }
    expect(at('sharing', { keys: 5, shares: 4 }, late)).toMatchObject({ kind: 'mask' })
    expect(at('masking', { shares: 5, input: 3 }, late)).toEqual({
      kind: 'abandon',
      reason: 'masking: masked updates of 3 clients came before the deadline, not of 4',
    })
    expect(at('advertising', { keys: 4 }, { nowMs: T + 2000 })).toMatchObject({ kind: 'share' })
    expect(at('unmasking', { answer: 3 }, late)).toMatchObject({ kind: 'abandon' })
  })

  it('does not wait for clients that were revoked, ends with one in the sum, and takes a quorum in the first', () => {
    expect(at('advertising', { keys: 4 }, { asked: 4 })).toMatchObject({ kind: 'share' })
    expect(at('advertising', { keys: 4 }, { quorum: 0.8 })).toMatchObject({ kind: 'share' })
    expect(at('confirming', { input: 5 }, { revoked: 1 })).toMatchObject({ kind: 'abandon' })
  })

  it('is not held by a clock that was set back', () => {
    expect(at('masking', { shares: 5, input: 4 }, { nowMs: T - 9000 })).toMatchObject({
      kind: 'wait',
      untilMs: T - 8500,
    })
  })
})

it('the threshold is the share of the clients, at least as many as a round needs, and always more than half', () => {
  const of = (clients: number, minClients = 3, threshold = 0.66) =>
    parametersOf({ masking: { ...rules.masking, threshold }, minClients }, { clients, base: 0, length: 1 })
      .threshold
  expect([3, 4, 6, 9, 10, 100].map((clients) => of(clients))).toEqual([3, 3, 4, 6, 7, 66])
  expect(of(10, 9)).toBe(9)
  fc.assert(
    fc.property(
      fc.integer({ min: 3, max: 255 }),
      fc.double({ min: 0.51, max: 1, noNaN: true }),
      (clients, share) => {
        const threshold = of(clients, 3, share)
        expect(2 * threshold).toBeGreaterThan(clients)
        expect(threshold).toBeLessThanOrEqual(clients)
      },
    ),
    { seed: 1 },
  )
})
