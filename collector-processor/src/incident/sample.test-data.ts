import type { Anomaly, Entity } from '@adf/contract'

let serial = 0

/** An anomaly of a service for tests; `at` is seconds of event time. */
export function sampleAnomaly(
  service: string,
  at: number,
  more: { score?: number; entity?: Entity; stream?: string; feature?: string } = {},
): Anomaly {
  const score = more.score ?? 0.9
  return {
    id: `a${++serial}`,
    stream: more.stream ?? 'service',
    entity: more.entity ?? { id: `${service}/1`, kind: 'service', service, instance: '1' },
    time: new Date(at * 1000).toISOString(),
    detected_at: new Date(at * 1000 + 100).toISOString(),
    type: 'point',
    score,
    threshold: 0.8,
    detector: 'robust',
    seen_by: ['robust'],
    contributions: [
      {
        feature: more.feature ?? 'latency_p95',
        value: 840,
        expected: 110,
        band: [95, 130],
        share: 1,
        text: 'latency_p95 is 840 ms, normally 95 to 130 ms',
      },
    ],
    incident_id: null,
    verdict: null,
  }
}
