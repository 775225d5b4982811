import { normal, seeded } from '@adf/detectors/sampling'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BOUNDS, boundsOf } from './bounds.ts'
import type { Peak } from './episode.ts'
import { entity, episodesWith, judgedWeek, NOISY, verdict } from './history.test-data.ts'
import { type History, historyOf } from './history.ts'
import type { Json, PolicyName, Situation, ThresholdPolicy } from './policy.ts'

const WEEK = 7 * 1440
const bounds = boundsOf(0.8, BOUNDS)

function peaksOf(count: number, seed: number, from = 0): Peak[] {
  const rng = seeded(seed)
  return Array.from({ length: count }, (_, i) => ({
    minute: from + i,
    severity: Math.min(2, Math.abs(0.2 * normal(rng))),
  }))
}

const company: readonly History[] = [
  judgedWeek('a', NOISY, 1),
  judgedWeek('b', NOISY, 1),
  judgedWeek('c', [], 1),
]
const situation = (more: Partial<Situation> = {}): Situation => ({
  history: company[0]!,
  threshold: 0.8,
  nowMinute: WEEK,
  company,
  burn: 0,
  ...more,
})

/** What every policy must pass. @param make a fresh one, or one that goes on from a saved state */
export function policyContract(name: PolicyName, make: (saved?: Json) => ThresholdPolicy): void {
  const refuses = (code: string, act: (policy: ThresholdPolicy) => void) => {
    const policy = make()
    policy.observe(entity('a'), peaksOf(1500, 1))
    const before = JSON.stringify(policy.save())
    expect(() => act(policy)).toThrow(expect.objectContaining({ name: 'TunerError', code }))
    expect(JSON.stringify(policy.save())).toBe(before)
  }
  /** Proposals of a run: some minutes, then decisions on all entities, four times over. */
  const run = (policy: ThresholdPolicy, from = 0, rounds = 4) => {
    const thresholds: number[] = []
    for (let round = from; round < from + rounds; round++) {
      for (const { entity: each } of company) policy.observe(each, peaksOf(500, round, 500 * round))
      const nowMinute = WEEK + 360 * round
      for (const history of company)
        thresholds.push(policy.propose(situation({ history, nowMinute })).threshold)
    }
    return thresholds
  }

  describe(`${name}: policy contract`, () => {
    it('bears its name', () => expect(make().name).toBe(name))

    it('proposes the same again for the same calls', () => {
      expect(run(make())).toEqual(run(make()))
    })

    it('goes on from saved state without a difference', () => {
      const whole = make()
      const first = make()
      expect(run(whole, 0, 2)).toEqual(run(first, 0, 2))
      const text = JSON.stringify(first.save())
      const second = make(JSON.parse(text))
      expect(JSON.stringify(second.save())).toBe(text)
      expect(run(second, 2, 3)).toEqual(run(whole, 2, 3))
      expect(second.save()).toEqual(whole.save())
    })

    it('ignores minutes that it already had, and asking again changes no answer', () => {
      const once = make()
      const twice = make()
      const peaks = peaksOf(1600, 2)
      once.observe(entity('a'), peaks)
      twice.observe(entity('a'), peaks.slice(0, 1200))
      twice.observe(entity('a'), peaks.slice(0, 700))
      twice.observe(entity('a'), peaks)
      const answer = once.propose(situation())
      expect(twice.propose(situation())).toEqual(answer)
      expect(twice.propose(situation())).toEqual(answer)
      expect(twice.save()).toEqual(once.save())
    })

    it('does not depend on the order in which verdicts came, nor on how often', () => {
      const episodes = episodesWith(NOISY)
      const verdicts = episodes.map((each) =>
        verdict(each, each.peak < 1 ? 'false_positive' : 'true_positive'),
      )
      const about = { initial: 0.8, fromMinute: 0, toMinute: WEEK }
      const answerTo = (given: typeof verdicts) => {
        const { history } = historyOf(entity('a'), episodes, given, about)
        return make().propose(situation({ history, company: [history] }))
      }
      const expected = answerTo(verdicts)
      fc.assert(
        fc.property(fc.shuffledSubarray(verdicts, { minLength: verdicts.length }), (shuffled) => {
          expect(answerTo([...shuffled, ...shuffled.slice(0, 7)])).toEqual(expected)
        }),
        { numRuns: 10 },
      )
    })

    it('stays within the bounds, whatever comes', () => {
      const peak = fc.integer({ min: 0, max: 200 }).map((level) => level / 100)
      fc.assert(
        fc.property(
          fc.array(peak, { maxLength: 60 }),
          peak,
          fc.integer({ min: 0, max: 1e9 }),
          (severities, threshold, burn) => {
            const policy = make()
            const history = judgedWeek('a', severities.slice(0, 28), threshold)
            policy.observe(
              history.entity,
              severities.map((severity, minute) => ({ minute, severity })),
            )
            const proposal = policy.propose(situation({ history, company: [history], threshold, burn }))
            expect(proposal.threshold).toBeGreaterThanOrEqual(bounds.low - 0.005)
            expect(proposal.threshold).toBeLessThanOrEqual(bounds.high)
          },
        ),
        { numRuns: 40 },
      )
    })

    it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %d and is as before', (value) => {
      refuses('not_finite', (policy) => policy.observe(entity('a'), [{ minute: 9000, severity: value }]))
      refuses('not_finite', (policy) => policy.propose(situation({ threshold: value })))
      refuses('not_finite', (policy) => policy.propose(situation({ burn: value })))
      refuses('not_finite', (policy) => policy.propose(situation({ nowMinute: value })))
    })

    it('refuses severities and minutes that cannot be', () => {
      refuses('out_of_range', (policy) => policy.observe(entity('a'), [{ minute: 9000, severity: 2.5 }]))
      refuses('out_of_range', (policy) => policy.observe(entity('a'), [{ minute: 9000, severity: -0.1 }]))
      refuses('out_of_range', (policy) => policy.observe(entity('a'), [{ minute: 1.5, severity: 0.1 }]))
    })

    it('changes nothing of what it is given', () => {
      const copy = structuredClone(company)
      run(make())
      expect(company).toEqual(copy)
    })

    it('begins where nothing was tuned', () => {
      const history = judgedWeek('new', [], 1)
      const { threshold, action } = make().propose(situation({ history, company: [history] }))
      expect({ threshold, action }).toEqual({ threshold: 0.8, action: 'none' })
    })
  })
}
