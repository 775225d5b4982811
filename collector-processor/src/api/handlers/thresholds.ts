import { routes, type Threshold } from '@adf/contract'
import { type Endpoints, ProblemError } from '@adf/service'
import type { Counter } from 'prom-client'
import type { RollbackOutcome, ThresholdOutcome } from '../../store/store.ts'
import type { ApiPorts } from '../ports.ts'
import { assertStream } from './anomalies.ts'

export function thresholdEndpoints(
  endpoints: Endpoints,
  ports: ApiPorts,
  { clock, refused }: { clock: () => number; refused: Counter<'reason'> },
): void {
  const { thresholds } = ports.store
  const counted = <O extends { readonly kind: string }>(outcome: O): O => {
    const { kind } = outcome
    if (kind === 'conflict' || kind === 'overridden' || kind === 'too_many') refused.inc({ reason: kind })
    return outcome
  }
  const nameOf = (caller: string) => (caller === 'anonymous' ? null : caller)
  endpoints
    .on(routes.listThresholds, async ({ query }) => ({
      initial: ports.initialThreshold,
      // Read first: it must not be of a change that the page does not have yet.
      version: await thresholds.version(),
      ...(await thresholds.page(query)),
    }))
    .on(routes.setThreshold, async ({ body: { stream, entity_id, if_version, ...wish }, caller }) => {
      assertStream(ports, stream)
      const { value, source, reason = null } = wish
      const wished = await thresholds.change({
        stream,
        entityId: entity_id,
        value,
        source,
        reason,
        by: nameOf(caller),
        nowMs: clock(),
        ifVersion: if_version,
      })
      const outcome = counted(wished)
      if (outcome.kind === 'same' && value === null)
        throw new ProblemError('not_found', `${entity_id} has the initial threshold in ${stream} already`)
      const threshold = storedBy(outcome, `the threshold of ${entity_id} in ${stream}`)
      if (outcome.kind === 'changed') await ports.thresholdsChanged()
      return threshold
    })
    .on(routes.listThresholdHistory, ({ query }) => {
      if (query.cursor !== undefined && !/^\d{1,15}$/.test(query.cursor))
        throw new ProblemError('invalid_request', 'cursor: is not the next_cursor of a page')
      return thresholds.history(query)
    })
    .on(routes.rollbackThresholds, async ({ body, caller }) => {
      const { stream, entity_id, to_version, reason = null, source = 'operator' } = body
      if (stream !== undefined) assertStream(ports, stream)
      const entity =
        stream === undefined || entity_id === undefined ? undefined : { stream, entityId: entity_id }
      const wished = await thresholds.rollback({
        entity,
        toVersion: to_version,
        source,
        reason,
        by: nameOf(caller),
        nowMs: clock(),
      })
      const changes = takenBackBy(counted(wished), to_version, entity?.entityId)
      if (changes.length > 0) await ports.thresholdsChanged()
      return { changes }
    })
}

const overridden = (what: string, threshold: Threshold | null) =>
  new ProblemError(
    'overridden',
    `an operator set ${what} to ${threshold?.value}; the tuner does not change it`,
    {
      extra: { version: threshold?.version },
    },
  )

const tooMany = (most: number) =>
  new ProblemError(
    'too_many_thresholds',
    `${most} thresholds differ from the initial one already; give others back, or raise store.max_thresholds`,
    { extra: { most } },
  )

function storedBy(outcome: ThresholdOutcome, what: string) {
  switch (outcome.kind) {
    case 'overridden':
      throw overridden(what, outcome.threshold)
    case 'too_many':
      throw tooMany(outcome.most)
    case 'conflict':
      throw new ProblemError(
        'conflict',
        outcome.version === 0
          ? `${what} is the initial one now (version 0)`
          : `${what} has version ${outcome.version} now; read it again`,
        { extra: { version: outcome.version } },
      )
    default:
      return outcome.threshold
  }
}

function takenBackBy(outcome: RollbackOutcome, version: number | undefined, entity: string | undefined) {
  switch (outcome.kind) {
    case 'overridden':
      throw overridden(`the threshold of ${entity}`, outcome.threshold)
    case 'too_many':
      throw tooMany(outcome.most)
    case 'never_changed':
      throw new ProblemError('not_found', `the threshold of ${entity} was never changed, as far as is kept`)
    case 'ahead':
      throw new ProblemError('not_found', `there is no version ${version}; the latest is ${outcome.latest}`)
    case 'forgotten':
      throw new ProblemError(
        'not_found',
        `changes up to version ${outcome.swept} are deleted (store.retention): version ${version} cannot be gone back to`,
      )
    default:
      return outcome.changes
  }
}
