import { feedbackRoutes } from '@adf/contract/feedback'
import type { Endpoints, RateLimiter } from '@adf/service'
import { describeMissed } from '../../feedback/missed.ts'
import type { Processor } from '../../processor/processor.ts'
import type { MissedStore, QuestionStore } from '../../store/feedback-store.ts'
import { nameOf } from './feedback.ts'

export interface QuestionPorts {
  readonly processors: readonly Processor[]
  readonly store: {
    readonly missed: Pick<MissedStore, 'report' | 'page'>
    readonly questions: Pick<QuestionStore, 'open'>
  }
  readonly limits: { readonly caller: RateLimiter; readonly author: RateLimiter }
  readonly clock: () => number
  readonly newId: () => string
  /** Called when there is something new to learn from. */
  readonly learned: () => void
}

/** What stayed under its threshold: reported as missed, or asked about. */
export function questionEndpoints(endpoints: Endpoints, ports: QuestionPorts): void {
  const { processors, store, limits, clock, newId, learned } = ports
  endpoints
    .on(feedbackRoutes.reportMissed, async ({ body, caller, signal }) => {
      const nowMs = clock()
      const author = body.author ?? nameOf(caller)
      limits.caller.take(caller, nowMs)
      limits.author.take(author ?? '', nowMs)
      const missed = await describeMissed(
        processors,
        { ...body, ...(author !== undefined && { author }) },
        { id: newId(), nowMs, signal },
      )
      const stored = await store.missed.report(missed, [
        {
          atMs: nowMs,
          actor: author === undefined ? 'api' : `author:${author}`,
          action: 'incident.missed',
          subject: missed.service,
          detail: { id: missed.id, started_at: missed.started_at },
        },
      ])
      learned()
      return stored
    })
    .on(feedbackRoutes.listMissed, ({ query }) => store.missed.page(query))
    .on(feedbackRoutes.listQuestions, async () => ({ items: await store.questions.open(clock()) }))
}
