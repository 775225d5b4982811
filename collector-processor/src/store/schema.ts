import type { Generated } from 'kysely'

/**
 * The tables. Times are epoch milliseconds in 64-bit integers, JSON is text: what SQLite and PostgreSQL both hold.
 * `body` is the whole message; columns beside it are for finding, or change apart from it (and then the column counts).
 */
export interface Tables {
  anomalies: {
    id: string
    stream: string
    entity_id: string
    type: string
    time_ms: number
    detected_ms: number
    score: number
    incident_id: string | null
    verdict: string | null
    body: string
  }
  incidents: {
    id: string
    state: string
    started_ms: number
    updated_ms: number
    resolved_ms: number | null
    verdict: string | null
    /** 1 when the latest verdict confirmed the first-ranked cause, 0 when not; null without a verdict. */
    cause_confirmed: number | null
    body: string
  }
  incident_history: {
    seq: Generated<number>
    incident_id: string
    at_ms: number
    kind: string
    /** '' when it is about nothing in particular. */
    subject: string
    text: string
  }
  incident_services: { incident_id: string; service: string }
  verdicts: {
    id: string
    target_kind: string
    target_id: string
    /** '' when nobody was named, so that it is unique too. */
    author: string
    verdict: string
    cause: string | null
    note: string | null
    time_ms: number
  }
  thresholds: {
    stream: string
    entity_id: string
    value: number
    source: string
    updated_ms: number
    updated_by: string | null
  }
  detector_state: { stream: string; entity_id: string; bytes: Uint8Array; saved_ms: number }
  graphs: { at_ms: number; size: number; body: Uint8Array }
  alert_log: { cursor: Generated<number>; type: string; ref: string; time_ms: number }
  /** One row: the largest cursor that retention took. */
  alert_horizon: { id: number; cursor: number }
  slo_indicators: {
    service: string
    indicator: string
    since_ms: number
    metrics_until_ms: number | null
  }
  slo_counts: {
    service: string
    indicator: string
    /** 60,000 or 3,600,000. */
    step_ms: number
    start_ms: number
    total: number
    good: number
  }
  /** `incident_id` is `slo:…` for an alert of a service-level objective. */
  outgoing_alerts: { incident_id: string; labels: string; starts_ms: number; ends_ms: number | null }
}
