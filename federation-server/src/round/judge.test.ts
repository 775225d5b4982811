import { normal, seeded } from '@adf/detectors'
import { describe, expect, it } from 'vitest'
import { PoisoningDetector } from '../poisoning/poisoning-detector.ts'
import { type JudgeOptions, judge } from './judge.ts'
import type { Submitted } from './submitted.ts'

const WIDTH = 300
const detector = new PoisoningDetector({ layers: [{ name: 'a', offset: 0, length: WIDTH }] }, seeded(9))
const options: JudgeOptions = {
  round: 5,
  base: 4,
  stalenessLimit: 2,
  largestNorm: 100,
  detector,
  poisoning: undefined,
}
const values = (seed: number, size = 0.1) => {
  const [shared, own] = [seeded(1), seeded(100 + seed)]
  return Float32Array.from({ length: WIDTH }, () => size * (normal(shared) + 0.4 * normal(own)))
}
const update = (client: number, more: Partial<Submitted> = {}): Submitted => ({
  id: `u${client}`,
  clientId: `c${client}`,
  trusted: false,
  round: 5,
  base: 4,
  samples: 10,
  sampleCap: 100,
  released: false,
  values: values(client),
  ...more,
})
const verdicts = (updates: Submitted[], more: Partial<JudgeOptions> = {}) =>
  judge(updates, { ...options, ...more }).judgements.map(({ id, state, reason }) => [id, state, reason])

describe('each update by itself', () => {
  const good = [1, 2, 3, 4, 5].map((n) => update(n))
  const fine = good.map(({ id }) => [id, 'pending', undefined])

  it('counts when nothing is wrong with it', () => {
    expect(verdicts(good)).toEqual(fine)
  })

  it.each<[string, Partial<Submitted>, string]>([
    ['that is too old', { base: 1 }, 'stale'],
    ['that is too long', { values: values(6, 10) }, 'too_large'],
    ['that cannot be read', { values: undefined }, 'unreadable'],
  ])('%s is left out alone', (_, more, reason) => {
    expect(verdicts([...good, update(6, more)])).toEqual([...fine, ['u6', 'rejected', reason]])
  })

  it('gives way to a newer one of its client', () => {
    const older = update(3, { id: 'old', base: 3, round: 4 })
    expect(verdicts([...good, older])).toContainEqual(['old', 'rejected', 'superseded'])
    expect(verdicts([...good, older])).toContainEqual(['u3', 'pending', undefined])
  })

  it('that points elsewhere is held back, unless an operator released it, however old it is', () => {
    const wrong = { values: values(6).map((value) => -5 * value) }
    expect(verdicts([...good, update(6, wrong)])[5]).toMatchObject(['u6', 'quarantined', expect.any(String)])
    expect(verdicts([...good, update(6, { ...wrong, released: true, base: 0 })])[5]).toEqual([
      'u6',
      'pending',
      undefined,
    ])
    expect(verdicts([...good, update(6, { ...wrong, trusted: true })])[5]).toEqual([
      'u6',
      'pending',
      undefined,
    ])
    expect(verdicts([...good, update(6, wrong)], { detector: undefined })[5]).toEqual([
      'u6',
      'pending',
      undefined,
    ])
  })
})

it('trusts a client again whose update was released', () => {
  const wrong = () => update(6, { values: values(6).map((value) => -5 * value) })
  let poisoning = detector.begin()
  for (let round = 1; round <= 6; round++)
    poisoning = judge([1, 2, 3, 4, 5].map((n) => update(n)).concat(wrong()), { ...options, round, poisoning })
      .poisoning!
  const low = poisoning.reputations.get('c6')!.value
  expect(low).toBeLessThan(0.4)
  const after = judge([1, 2, 3, 4, 5].map((n) => update(n)).concat(update(6, { released: true })), {
    ...options,
    round: 7,
    poisoning,
  })
  expect(after.poisoning!.reputations.get('c6')!.value).toBe(0.7)
  expect(poisoning.reputations.get('c6')!.value).toBe(low)
})

it('is the same in whatever order updates come', () => {
  const updates = [update(3), update(1), update(2), update(1, { id: 'x', round: 4 }), update(4)]
  expect(judge(updates.toReversed(), options)).toEqual(judge(updates, options))
})
