import { describe, expect, it } from 'vitest'
import type { Feature } from '../feature.ts'
import { normal, seeded } from '../statistics/sampling.ts'
import { Learner } from './learner.ts'
import { type PanelMember, panelSeverity } from './panel.ts'
import { train } from './training.ts'

const features: Feature[] = ['a', 'b'].map((name) => ({
  name,
  direction: 'both',
  transform: 'linear',
  floor: 1e-6,
}))
const robust = (name: string, weight: number, halfLife = 5000): PanelMember => ({
  name,
  detector: { kind: 'robust', features, halfLife, minimum: 30 },
  weight,
})
const pca: PanelMember = {
  name: 'pca',
  detector: { kind: 'pca', features, variance: 0.9 },
  background: 5000,
  weight: 0.5,
}

/** b follows a. */
function* rows(seed: number) {
  const rng = seeded(seed)
  for (;;) {
    const a = normal(rng)
    yield Float64Array.of(10 + a, 20 + a + 0.1 * normal(rng))
  }
}

function learned(members: readonly PanelMember[], count = 1500) {
  const learner = new Learner({ members, warmUp: 500, refitEvery: 500 })
  const traffic = rows(1)
  let timeMs = 0
  const next = (change = (row: Float64Array) => row) => {
    const row = change(traffic.next().value as Float64Array)
    timeMs += 60_000
    const judgement = learner.judge(row, timeMs)
    learner.observe(row, judgement, timeMs)
    const odd = judgement.severity >= 0.6
    learner.take(row, judgement, timeMs, {
      odd,
      threshold: 0.6,
      withheld: false,
      incidentOpen: false,
      deployed: false,
    })
    const job = learner.due()
    if (job !== undefined) learner.finish(train(job))
    return judgement
  }
  for (let i = 0; i < count; i++) next()
  return { learner, next }
}

describe('panel', () => {
  it('takes the smallest p-value, weighted', () => {
    const members = [robust('x', 0.9), robust('y', 0.1), robust('z', 0)].map((member) => ({ member }))
    const judged = panelSeverity(Float64Array.of(0.4, 0.6, 1.5), members)
    expect(judged).toEqual({ severity: 0.6 - 1 / 6, leading: 1 })
    expect(panelSeverity(Float64Array.of(0.5, 0.6, 0), members).leading).toBe(0)
    expect(panelSeverity(Float64Array.of(0, 0.1, 0), members).severity).toBe(0)
  })

  it('refuses two of one name and weights that are no shares', () => {
    const make = (members: readonly PanelMember[]) => new Learner({ members, warmUp: 100, refitEvery: 100 })
    expect(() => make([robust('x', 0.5), robust('x', 0.5)])).toThrow('a panel has a name twice: x, x')
    expect(() => make([robust('x', 0.5), robust('y', 0.6)])).toThrow('add up to 1, not 0.5 + 0.6')
  })

  it('keeps the promise of the score with two members', () => {
    const { next } = learned([robust('robust', 0.5), pca])
    const scores = Array.from({ length: 20_000 }, () => next().severity)
    const share = scores.filter((severity) => severity >= 1 / 3).length / scores.length
    expect(share).toBeGreaterThan(0.005)
    expect(share).toBeLessThan(0.02)
  })

  it('finds what either sees, and says who', () => {
    const { next } = learned([robust('robust', 0.5), pca])
    const apart = next((row) => Float64Array.of(row[0]! + 1.5, row[1]! - 1.5))
    expect(apart).toMatchObject({ leading: 1 })
    expect(apart.severity).toBeGreaterThan(0.6)
    for (let i = 0; i < 50; i++) next()
    const far = next((row) => row.map((value) => value + 12))
    expect(far).toMatchObject({ leading: 0 })
    expect(far.severity).toBeGreaterThan(0.6)
  })

  it('is not moved by a member without a say', () => {
    const alone = learned([robust('robust', 1)])
    const beside = learned([robust('robust', 1), { ...pca, weight: 0 }])
    for (let i = 0; i < 500; i++) {
      const judgement = beside.next()
      expect(judgement.severity).toBe(alone.next().severity)
      expect(judgement.severities).toHaveLength(2)
    }
  })

  it('knows how often its vectors come', () => {
    expect(learned([robust('robust', 1)]).learner.vectorsPerDay).toBe(1440)
  })
})
