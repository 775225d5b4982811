import { feedbackRoutes } from '@adf/contract/feedback'
import { type Endpoints, ProblemError } from '@adf/service'
import type { VerdictIntake } from '../../feedback/intake.ts'
import type { FeedbackMetrics } from '../../feedback/metrics.ts'
import type { FeedbackStore } from '../../store/feedback-store.ts'

export interface FeedbackPorts {
  readonly intake: Pick<VerdictIntake, 'give'>
  readonly store: Pick<FeedbackStore, 'page' | 'withdraw'>
  readonly metrics: FeedbackMetrics
  readonly clock: () => number
  /** Called when a processor has to be told. */
  readonly nudge: () => void
}

export const nameOf = (caller: string): string | undefined => (caller === 'anonymous' ? undefined : caller)

export function feedbackEndpoints(endpoints: Endpoints, ports: FeedbackPorts): void {
  const { intake, store, metrics, clock, nudge } = ports
  const millis = (text: string | undefined) => (text === undefined ? undefined : Date.parse(text))
  endpoints
    .on(feedbackRoutes.giveVerdict, async ({ body, caller }) => {
      const result = await intake.give(body, { channel: 'api', caller: nameOf(caller) })
      if (result.kind === 'used') throw new Error('a verdict without a link used one')
      return result.feedback
    })
    .on(feedbackRoutes.listFeedback, ({ query: { from, to, ...same } }) =>
      store.page({ ...same, fromMs: millis(from), toMs: millis(to) }),
    )
    .on(feedbackRoutes.withdrawVerdict, async ({ params: { id }, caller }) => {
      const nowMs = clock()
      const line = {
        atMs: nowMs,
        actor: `operator:${caller}`,
        action: 'verdict.withdrawn',
        subject: id,
        detail: {},
      }
      const withdrawn = await store.withdraw(id, nowMs, [line])
      if (withdrawn === undefined) throw new ProblemError('not_found', `there is no verdict ${id}`)
      metrics.withdrawn.inc()
      nudge()
      return undefined
    })
}
