import { federationRoutes, type ReviewRequest, type Update } from '@adf/contract/federation'
import { type Endpoints, ProblemError } from '@adf/service'
import type { Review } from '../../store/store.ts'
import type { ApiPorts } from '../ports.ts'
import { operator } from './runs.ts'

/** Updates, those in quarantine for a review; and the audit log, in which the review stands. */
export function reviewEndpoints(endpoints: Endpoints, ports: ApiPorts): void {
  const { store, coordinator, clock } = ports
  const review = async (
    id: string,
    decision: Review['decision'],
    { note, reviewer }: ReviewRequest,
    caller: string,
  ): Promise<Update> => {
    if (decision === 'released') await assertCounts(ports, id)
    const by = operator(caller)
    const result = await store.updates.review(
      id,
      { decision, reviewer: reviewer ?? caller, by, note },
      clock(),
    )
    if (result === undefined) throw new ProblemError('not_found', `there is no update ${id}`)
    const { update, done } = result
    if (!done) throw new ProblemError('conflict', `update ${id} is ${update.state}, not in quarantine`)
    coordinator.nudge(update.run)
    return update
  }
  const millis = (text: string | undefined) => (text === undefined ? undefined : Date.parse(text))
  endpoints
    .on(federationRoutes.listUpdates, ({ query }) => {
      if (query.round !== undefined && query.run === undefined)
        throw new ProblemError('invalid_request', 'round: is of a run, which must be named by run')
      return store.updates.page(query)
    })
    .on(federationRoutes.releaseUpdate, ({ params, body, caller }) =>
      review(params.id, 'released', body, caller),
    )
    .on(federationRoutes.rejectUpdate, ({ params, body, caller }) =>
      review(params.id, 'rejected', body, caller),
    )
    .on(federationRoutes.listAudit, ({ query: { from, to, ...same } }) =>
      store.audit.page({ ...same, fromMs: millis(from), toMs: millis(to) }),
    )
    .on(federationRoutes.verifyAudit, () => store.audit.verify())
}

/** @throws ProblemError when no round will come that it could count in */
async function assertCounts({ store, runs }: ApiPorts, id: string): Promise<void> {
  const update = await store.updates.get(id)
  const run = update && (await store.runs.get(update.run))
  const settings = update && runs.get(update.run)?.settings
  if (run === undefined || update?.state !== 'quarantined') return
  if (settings === undefined || run.committed >= settings.rounds)
    throw new ProblemError(
      'conflict',
      `run ${run.name} is finished: no update can count in it any more; reject it`,
    )
}
