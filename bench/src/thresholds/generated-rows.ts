import { FEATURES, generateRows } from '@adf/demo'
import { History } from '@adf/detectors'
import { score } from './score.ts'
import { type ScoredEntity, type ScoredStream, scoredEntity } from './scored-stream.ts'

const MINUTES = 5
const START_MS = Date.UTC(2026, 0, 5)
const LEARNED_HOURS = 14 * 24
const SCORED_HOURS = 21 * 24
/** Share of rows with an anomaly. */
const RATE = 0.004

/** What `adf generate` writes, with its labels: services of 17 features, two weeks without anomalies to learn from, then three weeks with them. */
export function generatedRows(services: number, progress: (text: string) => void): ScoredStream {
  const entities = Array.from({ length: services }, (_, i) => generated(`service-${i}`, progress))
  return { name: 'generate', entities, fromMinute: 0, toMinute: SCORED_HOURS * 60 }
}

function generated(service: string, progress: (text: string) => void): ScoredEntity {
  const base = { service, intervalMs: MINUTES * 60_000, seed: 1 }
  const learned = [
    ...generateRows({
      ...base,
      hours: LEARNED_HOURS,
      rate: 0,
      startMs: START_MS - LEARNED_HOURS * 3_600_000,
    }),
  ]
  const rows = [...generateRows({ ...base, hours: SCORED_HOURS, rate: RATE, startMs: START_MS })]
  const { severities, threshold } = score({ train: historyOf(learned), test: historyOf(rows) })
  progress(`scored ${service} of adf generate, untuned threshold ${threshold.toFixed(2)}`)
  const peaks = Array.from(severities, (severity, row) => ({ minute: row * MINUTES, severity }))
  return scoredEntity({ stream: 'generate', id: service, kind: 'generate' }, threshold, peaks, (minute) => {
    const row = minute / MINUTES
    return Number.isInteger(row) && rows[row]?.type !== undefined
  })
}

const historyOf = (
  rows: readonly { readonly values: readonly number[]; readonly timeMs: number }[],
): History =>
  new History(
    FEATURES.length,
    Float64Array.from(rows.flatMap(({ values }) => values)),
    Float64Array.from(rows, ({ timeMs }) => timeMs),
  )
