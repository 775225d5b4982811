import type { Alert, AuditEntry } from '@adf/contract/feedback'
import type { LeaseStore } from '@adf/service'
import type { AuditLine } from './audit-line.ts'
import type { FeedbackStore, LinkStore, MissedStore, QuestionStore } from './feedback-store.ts'
import type { Page, PageQuery } from './page.ts'
import type { TunerStore } from './tuner-store.ts'

export type { AuditLine } from './audit-line.ts'
export type { Page, PageQuery } from './page.ts'

/**
 * What outlives the process. store.contract.ts is the test suite that every engine passes.
 *
 * Contract: a promise of a write resolves once it is on the disk, and rejects with nothing written; what belongs together, its lines of the
 * audit log among them, is written together or not at all. Reads see what was acknowledged before. Several replicas may share one store:
 * a write that is made again changes nothing. Times are milliseconds since the Unix epoch. Ids are UUIDv7, made by the caller, and sort by time.
 * Pages are newest first; a cursor that is none gives an empty page.
 */
export interface Store {
  readonly alerts: AlertStore
  readonly feedback: FeedbackStore
  readonly links: LinkStore
  readonly missed: MissedStore
  readonly questions: QuestionStore
  readonly tuner: TunerStore
  readonly audit: AuditLog
  readonly leases: LeaseStore
  /** Deletes what is past its time, at most `limit` rows of each table at once. Resolves to how many of each went, by table. */
  forget(before: Retention, limit: number): Promise<Readonly<Record<string, number>>>
  /** Why nothing can be written now, such as a full disk; undefined while it can. */
  fault(): string | undefined
  close(): Promise<void>
}

/** What is older goes. Alerts that still fire and questions that may be answered stay. */
export interface Retention {
  readonly nowMs: number
  /** Alerts by their start, words, missed incidents, answered questions, judged episodes, steps. */
  readonly beforeMs: number
  /** Lines of the audit log. */
  readonly auditBeforeMs: number
  /** Alerts that are kept at most; beyond it the oldest that are over go. */
  readonly maxAlerts: number
}

/** One alert of one notification, as it is to be stored. */
export interface NotifiedAlert {
  /** Taken when the alert is not known. */
  readonly id: string
  readonly fingerprint: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly generatorUrl: string
  readonly ours: boolean
  readonly incidentId: string | undefined
  readonly alertname: string
  readonly service: string | undefined
  readonly entity: string | undefined
  readonly startedMs: number
  /** undefined: it fires. */
  readonly endedMs: number | undefined
}

export interface AlertNotification {
  readonly receiver: string
  readonly groupKey: string
  readonly alerts: readonly NotifiedAlert[]
}

/**
 * What came of the alerts of a notification: `fired` and `resolved` said something new, `known` did not, `late` told of a firing that had ended
 * already, `conflicting` had other labels than the stored alert of the same fingerprint and start, and was left out.
 */
export type NotifiedOutcome = 'fired' | 'resolved' | 'known' | 'late' | 'conflicting'

/** An alert as Alertmanager's API lists it. */
export interface ListedAlert extends NotifiedAlert {
  /** Ids of the silences that keep its notifications back now. */
  readonly silencedBy: readonly string[]
  /** Fingerprints of the alerts that inhibit it now. */
  readonly inhibitedBy: readonly string[]
}

export interface Silence {
  readonly id: string
  readonly createdBy: string
  readonly comment: string
  readonly startsMs: number
  readonly endsMs: number
  readonly updatedMs: number
  /** As JSON of Alertmanager's API. */
  readonly matchers: string
}

/** A silence together with one alert that it covered. */
export interface SilencedAlert {
  readonly silence: Silence
  readonly alertId: string
  readonly incidentId: string | undefined
  readonly ours: boolean
  readonly alertStartedMs: number
  /** When the alert was first seen under it. */
  readonly sinceMs: number
}

export interface AlertFilter extends PageQuery {
  readonly state?: 'firing' | 'resolved' | undefined
  readonly ours?: boolean | undefined
  readonly alertname?: string | undefined
  readonly service?: string | undefined
  readonly incident?: string | undefined
  /** Of the start: from inclusive, to exclusive. */
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
}

/** What the value of alerts is computed from: one alert, without its texts. */
export interface AlertOutcome {
  readonly alertname: string
  readonly service: string | undefined
  readonly entity: string | undefined
  readonly ours: boolean
  readonly startedMs: number
  readonly endedMs: number | undefined
  /** undefined: nobody was notified, since it was silenced or inhibited. */
  readonly notifiedMs: number | undefined
  readonly acknowledgedMs: number | undefined
  readonly silenced: boolean
  readonly verdict: 'true_positive' | 'false_positive' | undefined
}

export interface AlertStore {
  /**
   * Stores a notification in one transaction, and tells for each of its alerts what came of it. An alert is known by fingerprint and start. The end
   * that was told last in time holds, whatever the order of arrival. An alert that still fires when the same labels fire again later has ended by
   * then. What operators said of its incident before it came is its verdict.
   */
  notified(notification: AlertNotification, nowMs: number): Promise<readonly NotifiedOutcome[]>
  /**
   * Stores what Alertmanagers list: the silences, and which alerts are silenced or inhibited. An alert that is not known is taken only when something
   * keeps its notification back. With `complete` (every configured Alertmanager answered) alerts that nobody was notified of and that are not listed
   * have ended.
   */
  listed(
    snapshot: {
      readonly alerts: readonly ListedAlert[]
      readonly silences: readonly Silence[]
      readonly complete: boolean
    },
    nowMs: number,
  ): Promise<void>
  /** Ends alerts that fire and of which nothing was heard since `silentSinceMs`, at the time when it was. Resolves to how many. */
  endSilent(silentSinceMs: number): Promise<number>
  /** Somebody saw to it at this time; the earliest holds. A word on it (`feedback.give`) does the same by itself. */
  acknowledged(id: string, atMs: number): Promise<void>
  get(id: string): Promise<Alert | undefined>
  /** The latest alert of an incident. */
  ofIncident(incidentId: string): Promise<Alert | undefined>
  page(filter: AlertFilter): Promise<Page<Alert>>
  firing(): Promise<number>
  lastNotifiedMs(): Promise<number | undefined>
  /** Alerts that started in the time, from inclusive, to exclusive; at most `limit`, the latest. */
  outcomes(fromMs: number, toMs: number, limit: number): Promise<AlertOutcome[]>
  /** Pairs of silence and alert that have not been dealt with, oldest first: what implicit verdicts are made from. */
  newlySilenced(limit: number): Promise<SilencedAlert[]>
  /** Such pairs have been dealt with. */
  silencesRead(pairs: readonly { readonly silenceId: string; readonly alertId: string }[]): Promise<void>
}

export interface AuditLog {
  /** For what is written nowhere else; writes that take lines write them themselves. */
  note(lines: readonly AuditLine[]): Promise<void>
  page(
    filter: PageQuery & { readonly fromMs?: number | undefined; readonly toMs?: number | undefined },
  ): Promise<Page<AuditEntry>>
}
