import { feedbackRoutes } from '@adf/contract/feedback'
import { type Endpoints, ProblemError } from '@adf/service'
import type { Config } from '../../config.ts'
import type { Store } from '../../store/store.ts'
import type { MissedEvidence } from '../../value/outcome.ts'
import { alertValue } from '../../value/value.ts'
import type { ApiPorts } from '../ports.ts'

/** Missed incidents and answered questions that are looked at. */
const MOST_EVIDENCE = 5000

/** `GET /api/alert-value` */
export function valueEndpoint(
  endpoints: Endpoints,
  { store, clock }: ApiPorts,
  { period, shift, people, budget, max_alerts }: Config['value'],
): void {
  endpoints.on(feedbackRoutes.getAlertValue, async ({ query: { by, limit, from, to } }) => {
    const toMs = to === undefined ? clock() : Date.parse(to)
    const askedMs = from === undefined ? toMs - period : Date.parse(from)
    if (askedMs >= toMs)
      throw new ProblemError('invalid_request', 'from: must be before to', {
        errors: [{ path: 'from', message: 'must be before to' }],
      })
    const alerts = await store.alerts.outcomes(askedMs, toMs, max_alerts)
    // What came before the first alert was not watched, or is no longer kept, as far as anyone can tell.
    const beginsAt = from === undefined || alerts.length === max_alerts ? alerts.at(-1)?.startedMs : undefined
    const fromMs = beginsAt ?? askedMs
    const missed = await missedBetween(store, fromMs, toMs)
    const options = { by, fromMs, toMs, shiftMs: shift, people, budget, limit }
    const { rows, ...value } = alertValue(alerts, missed, options)
    return {
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
      by,
      shift_hours: shift / 3_600_000,
      budget_per_shift: budget,
      ...value,
      rows,
    }
  })
}

async function missedBetween(store: Store, fromMs: number, toMs: number): Promise<MissedEvidence[]> {
  const reported = await store.missed.between(fromMs, toMs, MOST_EVIDENCE)
  const answered = await store.questions.answered(fromMs, toMs, MOST_EVIDENCE)
  return [
    ...reported.map(({ service, entities }) => ({
      probability: undefined,
      wrong: true,
      service,
      entities: entities.map(({ entity_id }) => entity_id),
    })),
    ...answered.map(({ question: { probability, entity_id }, verdict }) => ({
      probability,
      wrong: verdict === 'true_positive',
      service: undefined,
      entities: [entity_id],
    })),
  ]
}
