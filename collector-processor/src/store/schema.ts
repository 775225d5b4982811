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
    /** null: of before it was kept; the threshold is in the body then. */
    severity: number | null
    threshold: number | null
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
    version: number
    reason: string | null
  }
  /** What undoes a change is in it: later ones need not be read. */
  threshold_changes: {
    version: number
    stream: string
    entity_id: string
    /** null: the initial one, which nobody holds. */
    from_value: number | null
    from_source: string | null
    to_value: number | null
    to_source: string | null
    source: string
    reason: string | null
    by: string | null
    at_ms: number
    /** Of a rollback: the first of the changes that it takes back. */
    undoes: number | null
  }
  /** The latest of the numbers that were given out. */
  counters: { name: 'thresholds' | 'thresholds_swept' | 'verdict_log'; value: number }
  verdict_log: {
    cursor: number
    verdict_id: string
    target_kind: string
    target_id: string
    author: string
    verdict: string
    cause: string | null
    note: string | null
    time_ms: number
    /** The same author's word that it replaces. */
    previous: string | null
    withdrawn: number
    /** null: of before there was a log. */
    episodes: string | null
    logged_ms: number
  }
  scores: { stream: string; entity_id: string; begin_ms: number; severities: Uint8Array }
  detector_state: { stream: string; entity_id: string; bytes: Uint8Array; saved_ms: number }
  /** Parts of the work that processors share. `epoch` grows with each change of hands, `reached_ms` is the time up to which all that was found is stored. */
  shards: {
    id: string
    /** For people. */
    name: string
    member: string
    epoch: number
    reached_ms: number
    /** When its member told last how far it came. */
    seen_ms: number
  }
  /** What was learned in a shard and moves with it, beside `detector_state`. */
  shard_state: { shard: string; key: string; bytes: Uint8Array }
  homes: { stream: string; entity_id: string; shard: string; since_ms: number }
  /** Anomalies that belong to no incident yet, as far as anybody looked. `first` is 1 when the vector before was normal. */
  findings: { anomaly_id: string; step_ms: number; first: number }
  graphs: { at_ms: number; size: number; body: Uint8Array }
  alert_log: { cursor: Generated<number>; type: string; ref: string; time_ms: number }
  /** One row: the largest cursor that retention took. */
  alert_horizon: { id: number; cursor: number }
  followers: { name: string; cursor: number }
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
