import type { IncidentExport, RootCause } from '@adf/contract'

const at = (seconds: number) => new Date(Date.UTC(2026, 2, 1, 3, 12, seconds)).toISOString()

/** A cause without evidence. */
export function sampleCause(service: string, probability: number, more: Partial<RootCause> = {}): RootCause {
  const kinds = [{ kind: 'code' as const, probability: 1 }]
  return { service, probability, kind: 'code', kinds, evidence: [], path: [service], confirm: [], ...more }
}

/** An incident with everything that a report shows. */
export function sampleExport(more: Partial<IncidentExport['incident']> = {}): IncidentExport {
  const incident: IncidentExport['incident'] = {
    id: '019c9a3e-7d2a-7000-8000-000000000001',
    state: 'resolved',
    merged_into: null,
    title:
      'payment is the probable cause (87 %): exclusive time of POST /pay is 840 ms, normally 95 to 130 ms',
    started_at: at(5),
    opened_at: at(6),
    updated_at: at(400),
    resolved_at: at(400),
    max_score: 0.97,
    services: ['checkout', 'payment'],
    blast_radius: ['checkout', 'frontend'],
    causes: [
      sampleCause('payment', 0.87, {
        path: ['payment', 'checkout', 'frontend'],
        evidence: [
          {
            kind: 'exclusive_time',
            value: 840,
            expected: 112,
            unit: 'ms',
            strength: 31,
            probability: 0.99,
            since: at(5),
            subject: 'POST /pay',
            text: 'exclusive time of POST /pay is 840 ms, normally 95 to 130 ms',
          },
          {
            kind: 'change',
            value: 1,
            expected: null,
            unit: '',
            strength: 9,
            probability: 0.9,
            since: at(-20),
            subject: 'version',
            text: 'version went from 2.4.0 to 2.4.1',
          },
        ],
        confirm: ['compare a trace through payment of now with one from before'],
      }),
      sampleCause('database:postgres', 0.09),
    ],
    none: 0.04,
    suffering: ['checkout', 'frontend'],
    comparators: { random: [], max_z: [], pagerank: [] },
    anomaly_count: 14,
    trace_ids: ['4bf92f3577b34da6a3ce929d0e0e4736'],
    verdict: 'true_positive',
    ...more,
  }
  return {
    exported_at: at(600),
    incident,
    timeline: [
      { at: at(-20), kind: 'change', subject: 'payment', text: 'payment: version went from 2.4.0 to 2.4.1' },
      { at: at(5), kind: 'anomaly', subject: 'payment', text: 'payment: latency_p95 is 840 ms' },
      { at: at(6), kind: 'opened', subject: null, text: 'incident opened' },
      { at: at(6), kind: 'cause', subject: 'payment', text: 'payment is ranked first (87 %, code)' },
      { at: at(41), kind: 'alert', subject: 'alertmanager/0', text: 'alertmanager/0 took the alert' },
      { at: at(300), kind: 'verdict', subject: 'ada', text: 'ada says: useful; the cause was payment' },
      { at: at(400), kind: 'resolved', subject: null, text: 'incident resolved' },
    ],
    calls: [
      { client: 'checkout', server: 'payment' },
      { client: 'frontend', server: 'checkout' },
      { client: 'frontend', server: 'cart' },
    ],
    anomalies: [],
    anomalies_left_out: 0,
    verdicts: [
      {
        id: 'v1',
        anomaly_id: null,
        incident_id: incident.id,
        verdict: 'true_positive',
        cause: 'payment',
        note: null,
        author: 'ada',
        time: at(300),
      },
    ],
  }
}
