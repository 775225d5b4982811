import type { Anomaly, Incident, Verdict } from '@adf/contract'
import { leastUuid } from '@adf/service'
import type { ThresholdWish } from './store.ts'

const at = (ms: number) => new Date(ms).toISOString()
/** Sorts by time, as UUIDv7 does. */
const sampleId = (kind: string, n: number) => `${String(n).padStart(8, '0')}-${kind}`

/** The n-th anomaly: detected at n seconds, of an event a tenth of a second earlier. */
export function sampleAnomaly(n: number, more: Partial<Anomaly> = {}): Anomaly {
  return {
    id: sampleId('a', n),
    stream: 'service',
    entity: { id: 'shop/payment/1', kind: 'service', namespace: 'shop', service: 'payment', instance: '1' },
    time: at(n * 1000 - 100),
    detected_at: at(n * 1000),
    type: 'point',
    score: 0.9,
    threshold: 0.8,
    detector: 'robust',
    seen_by: ['robust'],
    contributions: [
      {
        feature: 'latency_p95',
        value: 840,
        expected: 110,
        band: [95, 130],
        share: 1,
        text: 'slow ✓ "quoted"',
      },
    ],
    incident_id: null,
    verdict: null,
    ...more,
  }
}

export const DAY_MS = 86_400_000

/** The n-th anomaly, detected when n days were over, with an id as processors make them. */
export function dailyAnomaly(n: number, more: Partial<Anomaly> = {}): Anomaly {
  const detectedMs = n * DAY_MS
  const id = `${leastUuid(detectedMs)}-7000-8000-${String(n).padStart(12, '0')}`
  return sampleAnomaly(n, { id, time: at(detectedMs - 100), detected_at: at(detectedMs), ...more })
}

export function sampleIncident(n: number, more: Partial<Incident> = {}): Incident {
  return {
    id: sampleId('i', n),
    state: 'open',
    merged_into: null,
    title: 'payment is the probable cause (87 %)',
    started_at: at(n * 1000),
    opened_at: at(n * 1000),
    updated_at: at(n * 1000),
    resolved_at: null,
    max_score: 0.9,
    services: ['payment'],
    blast_radius: ['checkout'],
    causes: [
      {
        service: 'payment',
        probability: 0.87,
        kind: 'code',
        kinds: [{ kind: 'code', probability: 1 }],
        evidence: [],
        path: ['payment', 'checkout'],
        confirm: [],
      },
    ],
    none: 0.1,
    suffering: [],
    comparators: { random: [], max_z: [], pagerank: [] },
    anomaly_count: 2,
    trace_ids: [],
    verdict: null,
    ...more,
  }
}

export function sampleVerdict(n: number, more: Partial<Verdict> = {}): Verdict {
  return {
    id: sampleId('v', n),
    anomaly_id: null,
    incident_id: null,
    verdict: 'true_positive',
    cause: null,
    note: null,
    author: 'ada',
    time: at(n * 1000),
    ...more,
  }
}

export function sampleWish(
  entityId: string,
  value: number | null,
  more: Partial<ThresholdWish> = {},
): ThresholdWish {
  return {
    stream: 'service',
    entityId,
    value,
    source: 'operator',
    reason: null,
    by: 'ada',
    nowMs: 5000,
    ...more,
  }
}
