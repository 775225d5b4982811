import { exponential, seeded } from '@adf/detectors/sampling'
import { describe, expect, it } from 'vitest'
import { BOUNDS } from '../bounds.ts'
import { entity, judgedWeek, NOISY } from '../history.test-data.ts'
import { ConformalPolicy } from './conformal.ts'
import { DSPOT, DspotPolicy } from './dspot.ts'
import { beta, rngFor } from './random.ts'
import { SpotPolicy } from './spot.ts'
import { extend, NO_TAIL, SPOT } from './tail.ts'
import { ThompsonPolicy } from './thompson.ts'

const history = judgedWeek('a', [], 1)
const situation = { history, threshold: 0.8, nowMinute: 0, company: [history], burn: 0 }

describe('SPOT', () => {
  it('finds the quantile of an exponential tail', () => {
    const rng = seeded(5)
    let tail = NO_TAIL
    for (let i = 0; i < 20_000; i++) tail = extend(tail, exponential(rng), SPOT)
    // −ln(1e-4) = 9.2
    expect(tail.z).toBeGreaterThan(7.5)
    expect(tail.z).toBeLessThan(11)
  })

  it('leaves anomalies out of what it learns', () => {
    const rng = seeded(5)
    let tail = NO_TAIL
    for (let i = 0; i < 5000; i++) tail = extend(tail, exponential(rng), SPOT)
    expect(extend(tail, 1000, SPOT)).toBe(tail)
  })
})

it('DSPOT follows a level that drifts, SPOT does not', () => {
  const rng = seeded(6)
  const peaks = Array.from({ length: 9000 }, (_, minute) => ({
    minute,
    severity: Math.min(2, minute / 12_000 + 0.03 * exponential(rng)),
  }))
  const wanted = [new DspotPolicy(DSPOT), new SpotPolicy()].map((policy) => {
    policy.observe(entity('a'), peaks)
    return policy.propose(situation).threshold
  })
  expect(wanted[0]).toBeGreaterThan(0.85)
  expect(wanted[0]).toBeLessThan(1.5)
})

it('adaptive conformal inference holds its share while scores drift', () => {
  const rng = seeded(7)
  const policy = new ConformalPolicy(
    { alpha: 0.05, gamma: 0.005, window: 500 },
    { ...BOUNDS, below: 2, lowest: 0 },
  )
  let over = 0
  for (let minute = 0; minute < 8000; minute++) {
    const severity = Math.min(2, minute / 8000 + 0.1 * exponential(rng))
    if (minute >= 1000 && severity > policy.propose(situation).threshold) over++
    policy.observe(entity('a'), [{ minute, severity }])
  }
  expect(over / 7000).toBeGreaterThan(0.03)
  expect(over / 7000).toBeLessThan(0.07)
})

describe('Thompson sampling', () => {
  it('draws beta variables of the right mean and spread', () => {
    const rng = rngFor(1, 'x', 2)
    const draws = Array.from({ length: 4000 }, () => beta(rng, 2, 6))
    const mean = draws.reduce((a, b) => a + b, 0) / draws.length
    const variance = draws.reduce((a, b) => a + (b - mean) ** 2, 0) / draws.length
    expect(mean).toBeCloseTo(0.25, 2)
    expect(variance).toBeCloseTo((2 * 6) / (64 * 9), 2)
  })

  it('settles between noise and what is useful', () => {
    const noisy = judgedWeek('a', NOISY, 1)
    const { threshold } = new ThompsonPolicy().propose({
      ...situation,
      history: noisy,
      company: [noisy],
      nowMinute: 10_080,
    })
    expect(threshold).toBeGreaterThan(0.89)
    expect(threshold).toBeLessThan(1.6)
  })
})
