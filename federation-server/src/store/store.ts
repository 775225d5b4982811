import type {
  AuditEntry,
  AuditVerification,
  Bytes,
  Client,
  FederatedModel,
  Receipt,
  Round as RoundMessage,
  SecureParameters,
  Update,
  UpdateState,
} from '@adf/contract/federation'
import type { LeaseStore } from '@adf/service'
import type { z } from 'zod'
import type { AuditLine } from '../audit/chain.ts'
import type { Situation } from '../round/decide.ts'
import type { Judgement } from '../round/judge.ts'
import type { Round } from '../round/round.ts'
import type { PhaseChange, SecureStore } from './secure-store.ts'

/**
 * What outlives the process. store.contract.ts is the test suite that every engine passes.
 *
 * Contract: a promise of a write resolves once it is on the disk, and rejects with nothing written; what belongs together, its lines of the audit
 * log among them, is written together or not at all. Reads see what was acknowledged before. Times are milliseconds since the Unix epoch. Ids
 * of updates and clients are UUIDv7 and sort by time.
 */
export interface Store {
  readonly clients: ClientStore
  readonly presence: PresenceStore
  readonly runs: RunStore
  readonly rounds: RoundStore
  readonly updates: UpdateStore
  readonly secure: SecureStore
  readonly audit: AuditLog
  readonly leases: LeaseStore
  /** Why nothing can be written now, such as a full disk; undefined while it can. */
  fault(): string | undefined
  close(): Promise<void>
}

export interface NewInvitation {
  readonly id: string
  readonly tokenHash: string
  readonly name: string | undefined
  readonly sampleCap: number
  readonly trusted: boolean
  readonly expiresMs: number
}

export interface NewClient {
  /** Taken when the token enrols somebody new. */
  readonly id: string
  readonly tokenHash: string
  readonly name: string
  readonly publicKey: string
}

export type EnrolResult =
  | { readonly kind: 'enrolled'; readonly id: string; readonly sampleCap: number; readonly again: boolean }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'conflict'; readonly reason: string }

export type KeyChange = { readonly kind: 'changed' } | { readonly kind: 'too_soon'; readonly waitMs: number }

export interface ClientStore {
  invite(invitation: NewInvitation, by: string, nowMs: number): Promise<void>
  /** Uses a token up. The same token and key again give the same client. At most `mostClients` are enrolled. */
  enrol(client: NewClient, mostClients: number, nowMs: number): Promise<EnrolResult>
  /** The key in force. Revoked clients keep theirs, so that they can be told. */
  keyOf(id: string): Promise<{ publicKey: string; revoked: boolean } | undefined>
  /** The same key again: without effect. Each change stays on record, so that a client may make one a minute. */
  changeKey(id: string, publicKey: string, nowMs: number): Promise<KeyChange>
  /** Notes that a client was there with this nonce. False when it was before: a replay. */
  seen(id: string, nonce: string, nowMs: number, forgetMs: number): Promise<boolean>
  forgetNonces(nowMs: number): Promise<void>
  /** Rejects what it sent and that has not been aggregated. False when there is no such client; again: without effect. */
  revoke(id: string, by: string, note: string | undefined, nowMs: number): Promise<boolean>
  get(id: string): Promise<Client | undefined>
  /** By name. */
  page(filter: { limit: number; cursor?: string | undefined }): Promise<Page<Client>>
  counts(seenSinceMs: number): Promise<{ enrolled: number; seen: number; revoked: number }>
}

export interface Page<T> {
  readonly items: T[]
  readonly next_cursor: string | null
}

export interface PresenceStore {
  /**
   * A client asked for work of these runs, and holds these versions of them (undefined: none that is known here). Who asked for none for
   * longer than `gapMs` counts as come anew.
   */
  came(
    clientId: string,
    runs: readonly { run: string; version: number | undefined }[],
    nowMs: number,
    gapMs: number,
  ): Promise<void>
  /** Bytes of weights went to a client. */
  sent(run: string, clientId: string, bytes: number): Promise<void>
  /** An update was refused at the door. */
  refused(run: string, clientId: string, reason: string): Promise<void>
}

export interface NewRun {
  readonly name: string
  readonly model: FederatedModel
  /** JSON of all settings, to tell when they change. */
  readonly settings: string
  readonly secret: Uint8Array
  /** Of version 0, as bytes, with their hash. */
  readonly weights: Uint8Array
  readonly hash: string
}

export interface StoredRun {
  readonly name: string
  readonly model: FederatedModel
  readonly state: 'running' | 'paused'
  readonly secret: Uint8Array
  readonly version: number
  readonly hash: string
  readonly committed: number
  readonly abandoned: number
}

/** What a run remembers between rounds, encoded. */
export interface RunMemory {
  readonly weights: Uint8Array
  readonly optimiser: Uint8Array | undefined
  readonly poisoning: Uint8Array | undefined
}

export interface StoredVersion {
  readonly hash: string
  readonly weights: Uint8Array | undefined
  readonly delta: Uint8Array | undefined
}

export interface RunStore {
  /** Makes a run with version 0, or notes new settings of one that is there; resolves to the model that it has, which never changes. */
  ensure(run: NewRun, nowMs: number): Promise<FederatedModel>
  get(name: string): Promise<StoredRun | undefined>
  setState(name: string, state: 'running' | 'paused', by: string, nowMs: number): Promise<boolean>
  memory(name: string): Promise<RunMemory | undefined>
  version(run: string, version: number): Promise<StoredVersion | undefined>
  /** Of a version, without its weights: what every poll asks for. */
  hash(run: string, version: number): Promise<string | undefined>
  /** The way to a version from the one before, as long as it is kept. */
  delta(run: string, version: number): Promise<Uint8Array | undefined>
  bytes(run: string): Promise<z.output<typeof Bytes>>
  /** Updates, and masked ones, of the client that has most of them. */
  mostUpdates(run: string): Promise<number>
}

export interface Committed {
  readonly version: number
  readonly hash: string
  readonly weights: Uint8Array
  readonly delta: Uint8Array
  readonly memory: { readonly weights: Uint8Array; readonly optimiser: Uint8Array }
  /** Ids of updates that the aggregate was made of, and why others were left out. */
  readonly used: readonly string[]
  readonly leftOut: readonly { readonly id: string; readonly reason: string }[]
  readonly loss: number | undefined
  /** Versions whose weights are kept. */
  readonly history: number
  /** It was the last round: what waits is rejected. */
  readonly last: boolean
}

/** One durable step of a round: all that changes with a move. */
export interface RoundChange {
  readonly run: string
  /** After the move. */
  readonly round: Round
  /** Before it; undefined when it opens. Another one in the database rejects the change. */
  readonly from: Round['state'] | undefined
  readonly selected?: readonly string[]
  readonly work?: string
  /** Of secure aggregation: what its clients agree on, when it begins; the next phase. */
  readonly secure?: { readonly begin?: SecureParameters; readonly phase?: PhaseChange }
  /** Fixes the updates of the round: those that are there now. */
  readonly close?: { readonly stalenessLimit: number }
  readonly judged?: {
    readonly judgements: readonly Judgement[]
    readonly poisoning: Uint8Array | undefined
    readonly reputations: ReadonlyMap<string, number>
    readonly quarantineLimit: number
  }
  readonly committed?: Committed
  readonly audit: readonly AuditLine[]
  readonly nowMs: number
}

/** A change of rounds came from a server that drives them no longer, or does not fit what is there. Nothing was written. */
export class OutOfTurn extends Error {
  override name = 'OutOfTurn'
}

export interface PresenceRule {
  readonly run: string
  readonly presentSinceMs: number
  readonly stalenessLimit: number
}

export interface RoundStore {
  latest(run: string): Promise<{ round: Round; work: string | undefined } | undefined>
  situation(rule: PresenceRule): Promise<Situation | undefined>
  /** Rejects with OutOfTurn unless `fence` is that of the lease and the round is where `from` says. */
  advance(change: RoundChange, fence: number): Promise<void>
  /** Whether a client was asked in a round, and whether it has delivered. */
  asked(run: string, round: number, clientId: string): Promise<{ asked: boolean; delivered: boolean }>
  get(run: string, round: number): Promise<RoundMessage | undefined>
  /** Newest first. */
  page(run: string, filter: { limit: number; cursor?: string | undefined }): Promise<Page<RoundMessage>>
}

export interface NewUpdate {
  readonly id: string
  readonly run: string
  readonly round: number
  readonly clientId: string
  readonly base: number
  readonly samples: number
  readonly loss: number | undefined
  readonly norm: number
  readonly hash: string
  readonly body: Uint8Array
}

export interface SubmitRule {
  readonly stalenessLimit: number
  /** Rounds that the run commits: after them nothing counts. */
  readonly rounds: number
  /** Whoever is enrolled may send an update, asked or not. */
  readonly anyone: boolean
}

export type SubmitResult =
  | { readonly kind: 'stored' | 'again'; readonly receipt: Receipt }
  | {
      readonly kind: 'conflict' | 'no_round' | 'not_selected' | 'unknown_base' | 'too_late' | 'revoked'
      readonly detail: string
    }

/** An update of a closed round. */
export interface RoundUpdate {
  readonly id: string
  readonly clientId: string
  readonly trusted: boolean
  readonly round: number
  readonly base: number
  readonly samples: number
  readonly sampleCap: number
  readonly loss: number | undefined
  readonly released: boolean
}

export interface UpdateFilter {
  readonly state?: UpdateState | undefined
  readonly run?: string | undefined
  readonly round?: number | undefined
  readonly client?: string | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}

export interface Review {
  readonly decision: 'released' | 'rejected'
  /** Who it was by their own word. */
  readonly reviewer: string
  /** By what they are known here. */
  readonly by: string
  readonly note: string | undefined
}

export interface UpdateStore {
  submit(update: NewUpdate, rule: SubmitRule, nowMs: number): Promise<SubmitResult>
  /** Those that count in a closed round, in the order of clients. */
  of(run: string, round: number): Promise<RoundUpdate[]>
  /** undefined once it was aggregated or rejected. */
  body(id: string): Promise<Uint8Array | undefined>
  get(id: string): Promise<Update | undefined>
  /** Newest first. */
  page(filter: UpdateFilter): Promise<Page<Update>>
  /** undefined when there is no such update; otherwise it as it is now, and whether it was in quarantine. */
  review(id: string, review: Review, nowMs: number): Promise<{ update: Update; done: boolean } | undefined>
  quarantined(): Promise<number>
}

export interface AuditLog {
  /** Newest first; times of `fromMs` up to before `toMs`. */
  page(filter: {
    fromMs?: number | undefined
    toMs?: number | undefined
    limit: number
    cursor?: string | undefined
  }): Promise<Page<AuditEntry>>
  verify(): Promise<AuditVerification>
}
