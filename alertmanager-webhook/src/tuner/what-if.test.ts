import { expect, it } from 'vitest'
import { judgedWeek, NOISY } from './history.test-data.ts'
import { whatIf } from './what-if.ts'

it('tells what a threshold would have made of the past, by episode', () => {
  const history = judgedWeek('a', NOISY, 1)
  const now = whatIf(history, 0.8)
  expect(now).toMatchObject({
    alerts: 25,
    useful: { kept: 5, lost: 0 },
    noise: { kept: 20, gone: 0 },
    unjudged: 0,
  })
  expect(now.alertsPerDay).toBeCloseTo(25 / 7)
  const then = whatIf(history, 1.55)
  expect(then).toMatchObject({ alerts: 4, useful: { kept: 4, lost: 1 }, noise: { kept: 0, gone: 20 } })
  expect(then.episodes).toHaveLength(25)
  expect(then.episodes[20]).toMatchObject({ peak: 1.5, fires: false, verdict: 'true_positive' })
  expect(() => whatIf(history, Number.NaN)).toThrow(expect.objectContaining({ code: 'not_finite' }))
})
