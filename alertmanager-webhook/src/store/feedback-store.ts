import type { VerdictValue } from '@adf/contract'
import type { Feedback, FeedbackChannel, MissedIncident, Question } from '@adf/contract/feedback'
import type { AuditLine } from './audit-line.ts'
import type { Page, PageQuery } from './page.ts'

/**
 * What a word is about: at least one. A word on an alert of ours names its incident too; the store then knows it as one on the incident, so that the
 * same author's words on both are one.
 */
export interface Target {
  readonly alertId?: string | undefined
  readonly anomalyId?: string | undefined
  readonly incidentId?: string | undefined
  readonly questionId?: string | undefined
}

export interface NewWord extends Target {
  /** Taken when it is a new word. */
  readonly id: string
  readonly verdict: VerdictValue
  readonly cause: string | undefined
  readonly note: string | undefined
  /** undefined: not known; all of these are one author. */
  readonly author: string | undefined
  readonly channel: FeedbackChannel
  /** From 0 to 1. */
  readonly weight: number
  readonly givenMs: number
  /** The processor has to be told (`feedback.undelivered`): words on ADF's own alerts that do not come from it. */
  readonly deliver: boolean
  /** URL of the processor that it is about or that it came from, when that is known. */
  readonly processor?: string | undefined
  /** Id of the verdict at that processor, for words that came from it. */
  readonly processorVerdictId?: string | undefined
}

/** A token of a one-click link, used up together with the word that it gives. */
export interface LinkUse {
  readonly nonce: string
  readonly expiresMs: number
}

export type GiveResult =
  | {
      readonly kind: 'given'
      readonly feedback: Feedback
      /** The same author's word that it replaces. */
      readonly previous: VerdictValue | undefined
    }
  /** The same word of the same author stands already: nothing was written, but the link was used. */
  | { readonly kind: 'same'; readonly feedback: Feedback }
  /** The link was used before: nothing was written. */
  | { readonly kind: 'used'; readonly atMs: number }

export interface FeedbackFilter extends PageQuery {
  readonly alert?: string | undefined
  readonly incident?: string | undefined
  readonly author?: string | undefined
  /** When it was said: from inclusive, to exclusive. */
  readonly fromMs?: number | undefined
  readonly toMs?: number | undefined
}

/** A word, or the withdrawal of one, that the processor has to be told. */
export interface Undelivered {
  readonly feedback: Feedback
  readonly processor: string | undefined
  /** Of the word at the processor: there when only the withdrawal is to be told. */
  readonly processorVerdictId: string | undefined
  readonly attempts: number
}

/** An entry of a processor's log of verdicts. */
export interface FollowedVerdict {
  /** With `deliver: false` and the channel `processor`. */
  readonly word: NewWord
  readonly withdrawn: boolean
  readonly episodes: readonly Episode[]
}

interface Episode {
  readonly stream: string
  readonly entityId: string
  readonly fromMs: number
  readonly toMs: number
  readonly severity: number
  readonly threshold: number
}

export interface JudgedEpisode extends Episode {
  readonly processor: string
  readonly verdict: VerdictValue
  readonly weight: number
  readonly author: string | undefined
  readonly atMs: number
}

export interface FeedbackStore {
  /**
   * Stores a word before it is acknowledged. It replaces the standing word of the same target and author, which stays in the history; uses up the
   * link when there is one; answers the question that it is about; sets the verdict and the acknowledgement of the alerts that it is about.
   * The verdict of an alert is that of the heavier sum of standing words, of equal ones that of the latest word.
   */
  give(word: NewWord, link: LinkUse | undefined, audit: readonly AuditLine[]): Promise<GiveResult>
  /** Takes a word back; again: without effect. Undefined when there is none. A processor that was told is to be told. */
  withdraw(id: string, nowMs: number, audit: readonly AuditLine[]): Promise<Feedback | undefined>
  get(id: string): Promise<Feedback | undefined>
  page(filter: FeedbackFilter): Promise<Page<Feedback>>
  /** Standing words on this target (of every author), latest first; a word on an alert of ours counts as one on its incident. */
  standing(target: Target): Promise<Feedback[]>
  /** Words of an author since then, replaced and withdrawn ones too: to know a flood. */
  countBy(author: string | undefined, sinceMs: number): Promise<number>
  /**
   * Of an author's standing words since then: how many there are, and how many of them stand against the sum of the other authors' words on
   * the same target.
   */
  contradictions(author: string | undefined, sinceMs: number): Promise<{ words: number; against: number }>
  /** Changes the weight of an author's standing words, since they flood or contradict others. Resolves to how many. */
  reweigh(
    author: string | undefined,
    sinceMs: number,
    weight: number,
    audit: readonly AuditLine[],
  ): Promise<number>

  /** What processors have to be told and may be tried now, in the order in which it was said. */
  undelivered(nowMs: number, limit: number): Promise<Undelivered[]>
  undeliveredCount(): Promise<number>
  /** The processor has it, under this id of its own. */
  delivered(id: string, processor: string, processorVerdictId: string): Promise<void>
  /** It could not be told now. */
  postponed(id: string, untilMs: number): Promise<void>
  /** It will never be told, since no processor knows the thing any more: the word stays, undelivered. */
  undeliverable(id: string): Promise<void>

  /** The place in a processor's log of verdicts up to which it was followed; 0: nothing yet. */
  cursor(processor: string): Promise<number>
  /**
   * Stores entries of a processor's log, and the new cursor, in one transaction. What was said here and brought there comes back by
   * the log: it is known by its target, author and verdict, and makes no second word; its episodes are stored all the same.
   */
  follow(processor: string, cursor: number, entries: readonly FollowedVerdict[]): Promise<void>
  /** Episodes with the verdict that stands on them, oldest first; of one stream or entity. */
  episodes(filter: {
    readonly stream?: string | undefined
    readonly entityId?: string | undefined
    readonly sinceMs: number
    readonly limit: number
  }): Promise<JudgedEpisode[]>
}

export interface LinkStore {
  /** When a token was used; undefined: it was not. */
  usedMs(nonce: string): Promise<number | undefined>
}

export interface MissedStore {
  /** Sent again with the same service, start and author it gives the earlier one. */
  report(missed: MissedIncident, audit: readonly AuditLine[]): Promise<MissedIncident>
  page(query: PageQuery): Promise<Page<MissedIncident>>
  /** That started in the time, at most `limit`, latest first. */
  between(fromMs: number, toMs: number, limit: number): Promise<MissedIncident[]>
}

export interface AnsweredQuestion {
  readonly question: Question
  /** true_positive: something was wrong. */
  readonly verdict: VerdictValue
  readonly answeredMs: number
}

export interface QuestionStore {
  /** At most `mostOpen` stand open: beyond it nothing is written. False then, or when it was asked before. */
  ask(question: Question, expiresMs: number, mostOpen: number): Promise<boolean>
  get(id: string): Promise<Question | undefined>
  /** Not answered and not expired, newest first. */
  open(nowMs: number): Promise<Question[]>
  /** About a time in this range, oldest first, at most `limit`. */
  answered(fromMs: number, toMs: number, limit: number): Promise<AnsweredQuestion[]>
}
