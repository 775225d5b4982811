import type { Anomaly } from '@adf/contract'
import type { Scored } from './scored.ts'

/** An anomalous vector as the contract has it; of no incident yet, and nobody has judged it. */
export function anomalyOf(
  { vector, type, score, severity, threshold, detector, seenBy, contributions }: Scored,
  id: string,
  detectedMs: number,
): Anomaly {
  return {
    id,
    stream: vector.stream.name,
    entity: vector.entity,
    time: new Date(vector.timeMs).toISOString(),
    detected_at: new Date(detectedMs).toISOString(),
    type,
    score,
    severity,
    threshold,
    detector,
    seen_by: [...seenBy],
    contributions: [...contributions],
    incident_id: null,
    verdict: null,
  }
}
