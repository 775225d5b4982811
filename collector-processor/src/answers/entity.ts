import type { EntityJudgement, EntityStatus } from '@adf/contract'
import type { Config } from '../config.ts'
import type { EntityReport } from '../feature/entity-report.ts'
import type { ScoringEngine } from '../scoring/engine.ts'
import type { StreamSpec } from '../scoring/vector.ts'

/** How an entity stands in each of its streams. */
export function entityStatus(report: EntityReport, scoring: ScoringEngine, config: Config): EntityStatus {
  const { entity } = report
  return {
    entity,
    last_seen: new Date(report.lastSeenMs).toISOString(),
    streams: report.streams.map(({ stream, timeMs, features }) => {
      const known = scoring.inspect(stream, entity.id)
      return {
        stream,
        state: known?.ready === true ? 'scored' : 'warming_up',
        learned: known?.learned ?? 0,
        warm_up: config.edge.detection.warm_up,
        score: known?.ready === true ? known.score : null,
        threshold: scoring.threshold(stream, entity.id),
        initial_threshold: scoring.initialThreshold(stream, entity.id),
        last_seen: new Date(timeMs ?? report.lastSeenMs).toISOString(),
        features: [...features],
      }
    }),
    dialects: [...report.dialects],
    delay_ms: report.delayMs ?? null,
    skew_ms: report.skewMs,
    problem: report.problem ?? null,
  }
}

/** What each detector thinks of the latest vector of an entity, beside what is normal of each feature. */
export function judgementOf(
  { entity, lastSeenMs }: EntityReport,
  { timeMs = lastSeenMs, features }: EntityReport['streams'][number],
  stream: StreamSpec,
  scoring: ScoringEngine,
): EntityJudgement {
  const latest = new Map(features.map(({ name, value }) => [name, value]))
  const values = Float64Array.from(stream.features, ({ name }) => latest.get(name) ?? Number.NaN)
  const known = scoring.examine({ stream, entity, timeMs, arrivalMs: timeMs, values })
  const { low, high, expected } = known?.bands ?? {}
  return {
    stream: stream.name,
    entity_id: entity.id,
    time: new Date(timeMs).toISOString(),
    ready: known !== undefined,
    severity: known?.severity ?? null,
    threshold: scoring.threshold(stream.name, entity.id),
    leading: known?.leading ?? null,
    features: stream.features.map(({ name, unit }, i) => ({
      name,
      unit,
      value: latest.get(name) ?? null,
      expected: finite(expected?.[i]),
      band: bandOf(low?.[i], high?.[i]),
    })),
    detectors: [...(known?.detectors ?? [])],
  }
}

const finite = (value = Number.NaN): number | null => (Number.isFinite(value) ? value : null)
const bandOf = (low = Number.NaN, high = Number.NaN): [number, number] | null =>
  Number.isFinite(low) && Number.isFinite(high) ? [low, high] : null
