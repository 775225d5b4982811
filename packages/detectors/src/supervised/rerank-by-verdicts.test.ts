import { describe, expect, it } from 'vitest'
import { deviations, hostFeatures, perturbed, simulatedHost } from '../explain/testing/simulated-host.ts'
import { seeded } from '../statistics/sampling.ts'
import type { Classifier } from './classifier.ts'
import { LabelledSet } from './labelled-set.ts'
import { LinearSvm } from './linear-svm.ts'
import { RandomForest } from './random-forest.ts'
import { rerank } from './rerank.ts'

const classifiers: [string, Classifier][] = [
  ['random forest', new RandomForest({ features: hostFeatures, seed: 1 })],
  ['linear SVM', new LinearSvm({ features: hostFeatures, seed: 1 })],
]
const at = (name: string) => hostFeatures.findIndex((feature) => feature.name === name)
const FALSE_ALARMS = [at('disk_write_latency_ms'), at('disk_read_latency_ms')]
const TROUBLE = [at('latency_p95'), at('error_rate'), at('cpu_usage_percent')]
const THRESHOLD = 0.5

/** Backups stir the disks and trouble the users; both are as odd as each other. */
function events(count: number, seed: number) {
  const rng = seeded(seed)
  const next = simulatedHost(rng)
  const deviation = deviations(Array.from({ length: 1000 }, next))
  return Array.from({ length: count }, () => {
    const anomalous = rng() < 0.3
    const among = anomalous ? TROUBLE : FALSE_ALARMS
    const feature = among[Math.floor(rng() * among.length)]!
    const vector = perturbed(next(), feature, deviation[feature]!, 6 + 6 * rng(), 1)
    return { vector, anomalous, score: THRESHOLD + 0.4 * rng() }
  })
}

/** Probability that a true anomaly stands above a false alarm. */
function order(list: readonly { score: number; anomalous: boolean }[]): number {
  const [alarms, noise] = [list.filter((e) => e.anomalous), list.filter((e) => !e.anomalous)]
  const above = alarms.reduce((sum, a) => sum + noise.filter((n) => a.score > n.score).length, 0)
  return above / alarms.length / noise.length
}

describe.each(classifiers)('re-ranking by a %s', (_, classifier) => {
  it('puts trouble above false alarms after 60 verdicts, and silences nothing', () => {
    const verdicts = new LabelledSet({ features: classifier.features, capacity: 200, seed: 1 })
    for (const { vector, anomalous } of events(60, 1)) verdicts.add(vector, anomalous)
    classifier.fit(verdicts)
    const fresh = events(300, 2)
    const moved = fresh.map(({ vector, anomalous, score }) => ({
      anomalous,
      score: rerank(score, classifier.probability(vector), THRESHOLD),
    }))
    expect(order(fresh)).toBeLessThan(0.6)
    expect(order(moved)).toBeGreaterThan(0.95)
    for (const { score } of moved) expect(score).toBeGreaterThanOrEqual(THRESHOLD)
  })
})
