import type { LeaseTables } from '@adf/service'

/**
 * The tables. Times are epoch milliseconds in 64-bit integers, JSON is text, truth is 0 or 1: what SQLite and PostgreSQL both hold. An author who is
 * not known is the empty text, as are the stream and the entity of a freeze or a state that is of more.
 */
export interface Tables extends LeaseTables {
  /** One for each fingerprint and start. */
  alerts: {
    id: string
    fingerprint: string
    started_ms: number
    ended_ms: number | null
    /** How the end is known; null while it fires. */
    end_known: EndKnown | null
    alertname: string
    service: string | null
    entity: string | null
    ours: number
    incident_id: string | null
    labels: string
    annotations: string
    generator_url: string
    /** Null: silenced or inhibited from its start. */
    first_notified_ms: number | null
    last_notified_ms: number | null
    acknowledged_ms: number | null
    verdict: string | null
  }
  /** The first of each receiver that told of the firing, and of the end. */
  alert_notifications: {
    alert_id: string
    receiver: string
    status: string
    group_key: string
    at_ms: number
  }
  silences: {
    id: string
    created_by: string
    comment: string
    starts_ms: number
    ends_ms: number
    updated_ms: number
    matchers: string
  }
  alert_silences: { alert_id: string; silence_id: string; since_ms: number; dealt_with: number }
  alert_inhibitors: { alert_id: string; fingerprint: string; since_ms: number }
  /** Every word that was ever said. */
  words: {
    id: string
    /** What it is about, as one text; with the author it is what a word replaces another by. */
    target: string
    alert_id: string | null
    anomaly_id: string | null
    incident_id: string | null
    question_id: string | null
    verdict: string
    cause: string | null
    note: string | null
    author: string
    channel: string
    weight: number
    given_ms: number
    withdrawn_ms: number | null
    /** Neither replaced nor withdrawn: one for each target and author. */
    standing: number
    delivery: Delivery
    attempts: number
    /** Not before then. */
    deliver_ms: number
    processor: string | null
    processor_verdict_id: string | null
    /** It was seen in the processor's log. */
    followed: number
  }
  used_links: { nonce: string; used_ms: number; expires_ms: number }
  missed_incidents: {
    id: string
    service: string
    started_ms: number
    ended_ms: number
    note: string | null
    author: string
    reported_ms: number
    entities: string
  }
  questions: {
    id: string
    stream: string
    entity_id: string
    from_ms: number
    to_ms: number
    severity: number
    probability: number
    text: string
    asked_ms: number
    expires_ms: number
    verdict: string | null
    answered_ms: number | null
  }
  judged_episodes: {
    target: string
    author: string
    stream: string
    entity_id: string
    processor: string
    verdict: string
    weight: number
    at_ms: number
    from_ms: number
    to_ms: number
    severity: number
    threshold: number
  }
  verdict_cursors: { processor: string; cursor: number }
  tuner_states: { stream: string; entity_id: string; state: string; updated_ms: number }
  tuner_steps: {
    id: string
    at_ms: number
    stream: string
    entity_id: string
    outcome: string
    step: string
  }
  freezes: { stream: string; entity_id: string; reason: string | null; by: string; since_ms: number }
  audit: {
    sequence: number
    at_ms: number
    actor: string
    action: string
    subject: string
    detail: string
  }
}

/**
 * `told`: a notification said so. The others are conclusions: the same labels fired again later (`superseded`), nothing was heard of it for long
 * (`silent`), or the Alertmanagers list it no more (`unlisted`); a notification that it fires undoes the latter two.
 */
export type EndKnown = 'told' | 'superseded' | 'silent' | 'unlisted'

/** `none`: nobody is to be told. `lost`: no processor knows what it is about. */
type Delivery = 'none' | 'pending' | 'done' | 'lost'
