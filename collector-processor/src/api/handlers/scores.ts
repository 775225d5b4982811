import { routes } from '@adf/contract'
import { type Endpoints, ProblemError } from '@adf/service'
import { MINUTE_MS, severitiesBetween } from '../../store/score-block.ts'
import type { ApiPorts } from '../ports.ts'
import { assertStream } from './anomalies.ts'

/** Of one answer: a value a minute, 11,520 of them. */
const LONGEST_MS = 8 * 86_400_000

export function scoreEndpoints(endpoints: Endpoints, ports: ApiPorts, clock: () => number): void {
  const { scores } = ports.store
  endpoints.on(routes.getScores, async ({ query: { stream, entity, from, to } }) => {
    assertStream(ports, stream)
    const fromMs = Math.floor(Date.parse(from) / MINUTE_MS) * MINUTE_MS
    const toMs = to === undefined ? clock() : Date.parse(to)
    if (fromMs >= toMs) throw new ProblemError('invalid_request', 'from: is not before to')
    if (toMs - fromMs > LONGEST_MS + MINUTE_MS)
      throw new ProblemError(
        'invalid_request',
        'from: is more than eight days before to; ask for less at once',
      )
    const stored = await scores.between(stream, entity, fromMs, toMs)
    const running = ports.severities(stream, entity)
    if (stored.length === 0 && running === undefined && !(await scores.has(stream, entity)))
      throw new ProblemError(
        'not_found',
        `nothing was scored of ${entity} in ${stream}, within the retention of scores`,
      )
    return {
      stream,
      entity_id: entity,
      from: new Date(fromMs).toISOString(),
      interval_s: MINUTE_MS / 1000,
      severities: severitiesBetween([...stored, ...(running ?? [])], fromMs, toMs),
    }
  })
}
