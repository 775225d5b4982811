import type { ScoreAnswer, ScoreRequest } from '@adf/contract'
import type { ScoringEngine } from '../scoring/engine.ts'
import type { StreamSpec } from '../scoring/vector.ts'

/** What the detectors would say of a vector that is not telemetry; nothing learns from it. @param stream undefined: there is none of that name */
export function scoreOf(
  request: ScoreRequest,
  stream: StreamSpec | undefined,
  scoring: ScoringEngine,
  nowMs: number,
): ScoreAnswer {
  const threshold = scoring.threshold(request.stream, request.entity)
  const cold = {
    warm: false,
    score: null,
    severity: null,
    threshold,
    is_anomaly: false,
    type: null,
    detector: null,
    contributions: [],
  }
  if (stream === undefined) return cold
  const values = Float64Array.from(stream.features, ({ name }) => request.features[name] ?? Number.NaN)
  const timeMs = request.time === undefined ? nowMs : Date.parse(request.time)
  const scored = scoring.assess({
    stream,
    entity: { id: request.entity, kind: stream.entityKind },
    timeMs,
    arrivalMs: nowMs,
    values,
  })
  if (scored === undefined) return cold
  return {
    warm: true,
    score: scored.score,
    severity: scored.severity,
    threshold: scored.threshold,
    is_anomaly: scored.anomalous,
    type: scored.type,
    detector: scored.detector,
    contributions: [...scored.contributions],
  }
}
