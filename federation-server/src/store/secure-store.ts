import type { SecureParameters } from '@adf/contract/federation'
import type { Round } from '../round/round.ts'
import type { SecurePhase, SecureStep } from '../round/secure/phases.ts'

/** A round of secure aggregation as it is kept. */
export interface SecureRoundRow {
  readonly round: Round
  /** The one that it is in, or was in when it ended. */
  readonly phase: SecurePhase
  readonly parameters: SecureParameters
  /** Of the phase; undefined in the first, which has the round's. */
  readonly deadlineMs: number | undefined
}

/** Whose message of which step. */
export interface SecureKey {
  readonly run: string
  readonly round: number
  readonly step: SecureStep
  readonly clientId: string
}

export interface NewSecureMessage extends SecureKey {
  readonly hash: string
  readonly body: Uint8Array
  /** With `keys`: the key of the enrolment that they are signed with. It may change before the round is over. */
  readonly publicKey?: string | undefined
}

export interface SecureMessage {
  readonly clientId: string
  readonly body: Uint8Array
  readonly publicKey: string | undefined
}

export type PutResult =
  | { readonly kind: 'stored' | 'again' }
  | {
      readonly kind: 'conflict' | 'not_selected' | 'wrong_step' | 'over' | 'revoked'
      readonly detail: string
    }

/** A round's phase gives way to the next, with all messages that are there then. */
export interface PhaseChange {
  readonly from: SecurePhase
  readonly to: SecurePhase
  readonly deadlineMs: number
}

/**
 * Messages of secure aggregation. Bodies are kept until their round ends, whichever way; that a client sent a masked input is kept for good.
 * What a phase has taken in never changes: a message is stored only while its phase lasts.
 */
export interface SecureStore {
  get(run: string, round: number): Promise<SecureRoundRow | undefined>
  /** SHA-256 of the message that is stored. */
  known(key: SecureKey): Promise<string | undefined>
  /** Stores a message once, in its phase, of a client that took the step before; never changes one. */
  put(message: NewSecureMessage, nowMs: number): Promise<PutResult>
  /** Of a round that is not over, in the order of clients. */
  messages(run: string, round: number, step: SecureStep): Promise<SecureMessage[]>
  /** Who sent it, in order. */
  clients(run: string, round: number, step: SecureStep): Promise<string[]>
  /** undefined when there is none, or the round is over. */
  message(key: SecureKey): Promise<Uint8Array | undefined>
}
