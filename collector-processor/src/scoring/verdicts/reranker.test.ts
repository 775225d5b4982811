import type { Anomaly, VerdictValue } from '@adf/contract'
import { normal, seeded } from '@adf/detectors'
import { describe, expect, it } from 'vitest'
import { anomalyOf } from '../anomaly.ts'
import { makeEngine } from '../testing/engine.ts'
import type { FeatureVector, StreamSpec } from '../vector.ts'
import { deviationsOf } from './deviations.ts'

const stream: StreamSpec = {
  name: 'machines',
  entityKind: 'event',
  features: ['latency', 'backup_io', 'load'].map((name) => ({ name, unit: '', direction: 'both' })),
}

/** Machines of different levels, all of one stream. */
function machine(id: string, level: number, seed: number) {
  const rng = seeded(seed)
  let timeMs = 0
  return (off: readonly number[] = [0, 0, 0]): FeatureVector => {
    timeMs += 60_000
    const values = Float64Array.from(off, (by) => level * (1 + 0.1 * (normal(rng) + by)))
    return { stream, entity: { id, kind: 'event' }, timeMs, arrivalMs: timeMs, values }
  }
}

type Options = Parameters<typeof makeEngine>
function warm(options: Options[0] = {}, ports: Options[1] = {}) {
  const made = makeEngine({ initialThreshold: 0.6, ...options }, ports)
  const machines = [machine('a', 10, 1), machine('b', 5000, 2)]
  for (const next of machines) for (let i = 0; i < 600; i++) made.engine.score(next())
  let id = 0
  const anomaly = (m: number, off: readonly number[]): Anomaly => {
    const { engine } = made
    const vector = machines[m]!(off)
    const scored = engine.score(vector)!
    for (let i = 0; i < 5; i++) engine.score(machines[m]!())
    return anomalyOf(scored, `${id++}`, vector.timeMs)
  }
  return { ...made, anomaly }
}

const LATENCY = [20, 0, 0]
const BACKUP = [0, 20, 0]
/** Operators say that backups are no trouble, and slow answers are. */
const verdicts: readonly [number, readonly number[], VerdictValue][] = Array.from({ length: 12 }, (_, i) => [
  0,
  i % 2 === 0 ? LATENCY : BACKUP,
  i % 2 === 0 ? 'true_positive' : 'false_positive',
])

describe.each(['random-forest', 'linear-svm'] as const)('verdicts, learned by %s', (rerank) => {
  it('move the anomalies of other machines of the stream, and silence none', async () => {
    const { engine, anomaly, registry } = warm({ rerank })
    const before = { latency: anomaly(1, LATENCY), backup: anomaly(1, BACKUP) }
    for (const [m, off, verdict] of verdicts) engine.judged(anomaly(m, off), verdict, null)
    const after = { latency: anomaly(1, LATENCY), backup: anomaly(1, BACKUP) }
    expect(after.backup.score).toBeLessThan(before.backup.score)
    expect(after.backup.score).toBeGreaterThanOrEqual(after.backup.threshold)
    expect(after.latency.score).toBeGreaterThan(after.backup.score)
    expect(after.latency.score).toBeGreaterThanOrEqual(before.latency.score)
    expect(await registry.metrics()).toMatch(
      /adf_training_jobs_total\{kind="classifier",outcome="done"\} \d+/,
    )
  })

  it('can be taken back', () => {
    const { engine, anomaly } = warm({ rerank })
    const judged = verdicts.map(([m, off, verdict]) => ({ found: anomaly(m, off), verdict }))
    for (const { found, verdict } of judged) engine.judged(found, verdict, null)
    const lowered = anomaly(1, BACKUP).score
    for (const { found, verdict } of judged)
      if (verdict === 'false_positive') engine.judged(found, 'true_positive', 'false_positive')
    expect(anomaly(1, BACKUP).score).toBeGreaterThan(lowered)
  })

  it('that are withdrawn count no more', () => {
    const { engine, anomaly } = warm({ rerank })
    const plain = warm({ rerank: undefined })
    const judged = verdicts.map(([m, off, verdict]) => ({ found: anomaly(m, off), verdict }))
    for (const [m, off] of verdicts) plain.anomaly(m, off)
    for (const { found, verdict } of judged) engine.judged(found, verdict, null)
    for (const { found, verdict } of judged) engine.judged(found, null, verdict)
    // What was learned is not unlearned by too few examples, but it is no more made of these.
    for (const { found, verdict } of judged)
      engine.judged(found, verdict === 'true_positive' ? 'false_positive' : 'true_positive', null)
    expect(anomaly(1, BACKUP).score).toBe(plain.anomaly(1, BACKUP).score)
  })

  it('of before a restart count again', async () => {
    const first = warm({ rerank })
    const judged = verdicts.map(([m, off, verdict]) => ({ ...first.anomaly(m, off), verdict }))
    for (const found of judged) first.engine.judged(found, found.verdict, null)
    const second = makeEngine({ rerank, initialThreshold: 0.6 }, { judged: async () => judged })
    await second.engine.start()
    // Changed and taken back before the stream has its first vector.
    second.engine.judged(judged[0]!, null, judged[0]!.verdict)
    second.engine.judged(judged[0]!, judged[0]!.verdict, null)
    const machines = [machine('a', 10, 1), machine('b', 5000, 2)]
    for (const next of machines) for (let i = 0; i < 600; i++) second.engine.score(next())
    const fresh = warm({ rerank })
    expect(second.engine.score(machines[1]!(BACKUP))!.score).toBeLessThan(fresh.anomaly(1, BACKUP).score)
    await second.engine.stop()
  })
})

it('too few verdicts change nothing, and none are learned when told so', () => {
  for (const [rerank, count] of [
    ['random-forest', 4],
    [undefined, 12],
  ] as const) {
    const { engine, anomaly } = warm({ rerank })
    const plain = warm({ rerank: undefined })
    for (const [m, off, verdict] of verdicts.slice(0, count)) {
      engine.judged(anomaly(m, off), verdict, null)
      plain.anomaly(m, off)
    }
    expect(anomaly(1, BACKUP).score).toBe(plain.anomaly(1, BACKUP).score)
  }
})

it('sees an anomaly in half widths of its band, by feature', () => {
  const each = { expected: 10, text: '', share: 0.4 }
  const vector = deviationsOf(stream.features, [
    { ...each, feature: 'load', value: 40, band: [8, 12] },
    { ...each, feature: 'latency', value: 0, band: [9.9, 10.1] },
    { ...each, feature: 'backup_io', value: null, band: null },
    { ...each, feature: 'gone', value: 1, band: null },
  ])
  expect([...vector]).toEqual([-20, 8, 15])
})
