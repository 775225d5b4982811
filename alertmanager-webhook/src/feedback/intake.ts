import type { FeedbackChannel, FeedbackRequest } from '@adf/contract/feedback'
import { ProblemError, type RateLimiter } from '@adf/service'
import type { Processor } from '../processor/processor.ts'
import { ProcessorError } from '../processor/processor-error.ts'
import type { FeedbackStore, GiveResult, LinkUse, QuestionStore, Target } from '../store/feedback-store.ts'
import type { AlertStore, AuditLine } from '../store/store.ts'
import { madeMs } from './age.ts'
import type { FeedbackMetrics } from './metrics.ts'
import { reliability, wordWeight } from './weight.ts'

export interface IntakeOptions {
  readonly store: {
    readonly alerts: Pick<AlertStore, 'get' | 'ofIncident'>
    readonly feedback: Pick<FeedbackStore, 'give' | 'countBy' | 'contradictions' | 'reweigh'>
    readonly questions: Pick<QuestionStore, 'get'>
  }
  readonly processors: readonly Pick<Processor, 'incident' | 'anomaly'>[]
  /** Of each author, and of all that come with one token. */
  readonly limits: { readonly author: RateLimiter; readonly caller: RateLimiter }
  /** What is older is not judged any more: it is deleted by then, or nobody remembers it rightly. */
  readonly maxAgeMs: number
  readonly questionsExpireMs: number
  readonly clock: () => number
  readonly newId: () => string
  readonly metrics: FeedbackMetrics
  /** Called when a processor has to be told. */
  readonly nudge: () => void
}

export interface Given {
  readonly channel: FeedbackChannel
  /** Name of the token that it came with; undefined: none was needed. */
  readonly caller?: string | undefined
  readonly link?: LinkUse | undefined
}

export type Outcome = GiveResult

const DAY_MS = 86_400_000
/** Over so long an author's agreement with others is looked at. */
const MEMORY_MS = 90 * DAY_MS
/** Smaller changes of an author's weight are not worth the rewriting. */
const NOTABLE = 0.05

/** Takes verdicts, from wherever they come: finds what they are about, weighs them, and has them stored. */
export class VerdictIntake {
  readonly #options: IntakeOptions

  constructor(options: IntakeOptions) {
    this.#options = options
  }

  /** @throws ProblemError `not_found`, `gone`, `too_many_requests`; the fault of the store */
  async give(request: FeedbackRequest, { channel, caller, link }: Given): Promise<Outcome> {
    const { store, limits, clock, newId, metrics, nudge } = this.#options
    const nowMs = clock()
    const { verdict, cause, note, author = caller } = request
    try {
      // A link is good once, which is limit enough; silences come from Alertmanager, which limits them.
      if (channel === 'api') {
        limits.caller.take(caller ?? '', nowMs)
        limits.author.take(author ?? '', nowMs)
      }
      const { target, deliver } = await this.#find(request, nowMs)
      const said = await store.feedback.countBy(author, nowMs - DAY_MS)
      const believed = await this.#reliability(author, nowMs)
      const weight = wordWeight(channel, said + 1) * believed
      const about = request.alert_id ?? request.anomaly_id ?? request.incident_id ?? request.question_id ?? ''
      const line: AuditLine = {
        atMs: nowMs,
        actor: actorOf(author, channel),
        action: 'verdict.given',
        subject: about,
        detail: { verdict, channel, weight, ...(cause !== undefined && { cause }) },
      }
      const word = {
        ...target,
        id: newId(),
        verdict,
        cause,
        note,
        author,
        channel,
        weight,
        givenMs: nowMs,
        deliver,
      }
      const result = await store.feedback.give(word, link, [line])
      if (result.kind === 'given') {
        metrics.verdicts.inc({ channel, verdict })
        await this.#reweigh(author, believed, nowMs)
        if (deliver) nudge()
      } else if (result.kind === 'same') metrics.repeated.inc({ channel })
      return result
    } catch (error) {
      metrics.refused.inc({ channel, reason: error instanceof ProblemError ? error.code : 'store' })
      throw error
    }
  }

  async #find(request: FeedbackRequest, nowMs: number): Promise<{ target: Target; deliver: boolean }> {
    const { store, processors, questionsExpireMs } = this.#options
    const { alert_id, incident_id, anomaly_id, question_id } = request
    if (question_id !== undefined) {
      const question = await store.questions.get(question_id)
      if (question === undefined) throw this.#unknown('question', question_id, nowMs)
      if (nowMs - Date.parse(question.asked_at) > questionsExpireMs)
        throw new ProblemError('gone', `question ${question_id} expired; the answer was not stored`)
      return { target: { questionId: question_id }, deliver: false }
    }
    if (alert_id !== undefined) {
      const alert = await store.alerts.get(alert_id)
      if (alert === undefined) throw this.#unknown('alert', alert_id, nowMs)
      this.#assertRecent('alert', alert_id, Date.parse(alert.started_at), nowMs)
      // A verdict on an alert of others stays here: no processor knows what it is about.
      const incidentId = alert.ours ? (alert.incident_id ?? undefined) : undefined
      return { target: { alertId: alert_id, incidentId }, deliver: incidentId !== undefined }
    }
    const [kind, id] =
      incident_id === undefined
        ? (['anomaly', anomaly_id ?? ''] as const)
        : (['incident', incident_id] as const)
    this.#assertRecent(kind, id, madeMs(id) ?? nowMs, nowMs)
    const alert = kind === 'incident' ? await store.alerts.ofIncident(id) : undefined
    if (alert === undefined && (await knownNowhere(processors, kind, id)))
      throw this.#unknown(kind, id, nowMs)
    const target = kind === 'anomaly' ? { anomalyId: id } : { incidentId: id, alertId: alert?.id }
    return { target, deliver: true }
  }

  #assertRecent(kind: string, id: string, atMs: number, nowMs: number): void {
    const { maxAgeMs } = this.#options
    if (nowMs - atMs <= maxAgeMs) return
    const days = Math.floor(maxAgeMs / DAY_MS)
    throw new ProblemError(
      'gone',
      `${kind} ${id} is from ${new Date(atMs).toISOString()}; what is older than ${days} days is not judged any more; nothing was stored`,
    )
  }

  /** Ids tell when they were made: what is long ago was deleted, what is not never was. */
  #unknown(kind: string, id: string, nowMs: number): ProblemError {
    const atMs = madeMs(id)
    if (atMs !== undefined && nowMs - atMs > this.#options.maxAgeMs)
      return new ProblemError(
        'gone',
        `${kind} ${id} is from ${new Date(atMs).toISOString()} and was deleted since; nothing was stored`,
      )
    return new ProblemError('not_found', `there is no ${kind} ${id}; the verdict was not stored`)
  }

  async #reliability(author: string | undefined, nowMs: number): Promise<number> {
    // Whoever is not known is many: what one of them says is not held against the next.
    if (author === undefined) return 1
    const { words, against } = await this.#options.store.feedback.contradictions(author, nowMs - MEMORY_MS)
    return reliability({ agrees: words - against, disagrees: against })
  }

  /** Earlier words of an author count for what is known of them by now. */
  async #reweigh(author: string | undefined, before: number, nowMs: number): Promise<void> {
    if (author === undefined) return
    const { store } = this.#options
    const now = await this.#reliability(author, nowMs)
    if (Math.abs(now - before) < NOTABLE) return
    await store.feedback.reweigh(author, nowMs - MEMORY_MS, now, [
      {
        atMs: nowMs,
        actor: 'feedback',
        action: 'author.reweighed',
        subject: `author:${author}`,
        detail: { before, now },
      },
    ])
  }
}

const actorOf = (author: string | undefined, channel: FeedbackChannel) =>
  author === undefined ? channel : `author:${author}`

/** All processors were asked, and none knows it. One that cannot be asked may know it: the verdict waits for it then. */
async function knownNowhere(
  processors: readonly Pick<Processor, 'incident' | 'anomaly'>[],
  kind: 'incident' | 'anomaly',
  id: string,
): Promise<boolean> {
  const answers = await Promise.all(
    processors.map((processor) =>
      processor[kind](id).then(
        () => true,
        (error: unknown) => !(error instanceof ProcessorError && error.status === 404),
      ),
    ),
  )
  return answers.every((maybe) => !maybe)
}
