import type { LeaseTables } from '@adf/service'

/**
 * The tables. Times are epoch milliseconds in 64-bit integers, JSON is text, truth is 0 or 1: what SQLite and PostgreSQL both hold. Of secrets
 * only hashes are kept, but for the one of a run.
 */
export interface Tables extends LeaseTables {
  clients: {
    id: string
    name: string
    state: string
    sample_cap: number
    trusted: number
    enrolled_ms: number
    last_seen_ms: number | null
    revoked_ms: number | null
  }
  /** Those without an end are in force: one for each client. */
  client_keys: { client_id: string; public_key: string; since_ms: number; until_ms: number | null }
  invitations: {
    id: string
    token_hash: string
    name: string | null
    sample_cap: number
    trusted: number
    made_ms: number
    expires_ms: number
    /** Whom it enrolled, and with which key. */
    client_id: string | null
    public_key: string | null
  }
  nonces: { client_id: string; nonce: string; expires_ms: number }
  runs: {
    name: string
    state: string
    /** JSON of the model, and of all settings as they were at the latest start. */
    model: string
    settings: string
    secret: Uint8Array
    version: number
    committed: number
    abandoned: number
    created_ms: number
  }
  /** What a run remembers between rounds; docs/formats/federation-state.md. */
  run_memory: {
    run: string
    weights: Uint8Array
    optimiser: Uint8Array | null
    poisoning: Uint8Array | null
  }
  versions: {
    run: string
    version: number
    hash: string
    /** Both only of the latest versions. */
    weights: Uint8Array | null
    delta: Uint8Array | null
    created_ms: number
  }
  rounds: {
    run: string
    round: number
    state: string
    base: number
    version: number | null
    opened_ms: number
    deadline_ms: number | null
    closed_ms: number | null
    /** JSON of what clients are told; from CONFIGURED on. */
    work: string | null
    reason: string | null
    received: number
    late: number
    used: number
    /** JSON: reason -> updates. */
    left_out: string
    loss: number | null
    up: number
    down: number
  }
  selections: { run: string; round: number; client_id: string }
  updates: {
    id: string
    run: string
    /** That it was asked for in. */
    round: number
    /** That it counts in; null until that one is closed. */
    counts_in: number | null
    client_id: string
    state: string
    reason: string | null
    findings: string
    base: number
    samples: number
    loss: number | null
    norm: number | null
    size: number
    hash: string
    late: number
    /** Until it is aggregated or rejected. */
    body: Uint8Array | null
    received_ms: number
    reviewed_ms: number | null
    reviewer: string | null
    note: string | null
    /** How often another one came for the same round. */
    conflicts: number
  }
  /** Rounds of secure aggregation; deadline of the phase. */
  secure_rounds: {
    run: string
    round: number
    phase: string
    /** JSON of what its clients agree on. */
    parameters: string
    deadline_ms: number | null
  }
  /** What its clients sent: public keys, encrypted shares, masked inputs, signatures, shares that take the masks off the sum. */
  secure_messages: {
    run: string
    round: number
    step: string
    client_id: string
    hash: string
    /** Until the round ends. Then those of inputs stay without one, the others go. */
    body: Uint8Array | null
    /** With keys: of the enrolment, by which they are signed. */
    public_key: string | null
    received_ms: number
    /** How often another one came for the same step. */
    conflicts: number
  }
  /** A client in a run: when it asked for work, what it holds. */
  holdings: {
    run: string
    client_id: string
    version: number | null
    since_ms: number
    seen_ms: number
    reputation: number | null
    up: number
    down: number
  }
  /** Updates that were refused at the door, and never stored. */
  refusals: { run: string; client_id: string; reason: string; count: number }
  audit: {
    sequence: number
    at_ms: number
    actor: string
    action: string
    subject: string
    detail: string
    previous: string
    hash: string
  }
}
