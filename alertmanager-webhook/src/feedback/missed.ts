import type { MissedIncident, MissedIncidentRequest } from '@adf/contract/feedback'
import { ProblemError } from '@adf/service'
import type { Processor } from '../processor/processor.ts'
import { ProcessorError } from '../processor/processor-error.ts'

const HOUR_MS = 3_600_000
const LONGEST_MS = 24 * HOUR_MS
const MOST_ENTITIES = 200

/**
 * What is known of a missed incident: the entities of its service, with their largest severity of that time.
 *
 * @throws ProblemError `invalid_request`; `not_found` when no processor knows the service; `not_ready` when none can be asked
 */
export async function describeMissed(
  processors: readonly Processor[],
  { service, started_at, ended_at, note, author }: MissedIncidentRequest,
  { id, nowMs, signal }: { id: string; nowMs: number; signal: AbortSignal },
): Promise<MissedIncident> {
  const startMs = Date.parse(started_at)
  const endMs =
    ended_at === undefined ? Math.min(nowMs, startMs + HOUR_MS) : Math.min(nowMs, Date.parse(ended_at))
  if (startMs >= nowMs) throw new ProblemError('invalid_request', 'started_at: must be in the past')
  if (endMs <= startMs) throw new ProblemError('invalid_request', 'ended_at: must be after started_at')
  if (endMs - startMs > LONGEST_MS)
    throw new ProblemError(
      'invalid_request',
      'ended_at: at most a day after started_at; report longer ones in parts',
    )
  const entities: MissedIncident['entities'] = []
  const failures: ProcessorError[] = []
  for (const processor of processors) {
    try {
      entities.push(...(await severitiesOf(processor, service, startMs, endMs, signal)))
    } catch (error) {
      if (!(error instanceof ProcessorError)) throw error
      failures.push(error)
    }
  }
  if (entities.length === 0) {
    const [failure] = failures
    if (failure !== undefined || processors.length === 0)
      throw new ProblemError(
        'not_ready',
        `no processor can be asked about ${service}: ${failure?.message ?? 'none is configured'}`,
        {
          headers: { 'retry-after': '10' },
        },
      )
    throw new ProblemError(
      'not_found',
      `no processor scores a service called ${service}; the report was not stored`,
    )
  }
  return {
    id,
    service,
    started_at: new Date(startMs).toISOString(),
    ended_at: new Date(endMs).toISOString(),
    note: note ?? null,
    author: author ?? null,
    reported_at: new Date(nowMs).toISOString(),
    entities,
  }
}

async function severitiesOf(
  processor: Processor,
  service: string,
  startMs: number,
  endMs: number,
  signal: AbortSignal,
): Promise<MissedIncident['entities']> {
  const { items } = await processor.entities({ service, limit: MOST_ENTITIES }, signal)
  const found: MissedIncident['entities'] = []
  for (const { entity, streams } of items) {
    for (const { stream } of streams) {
      const scores = await processor
        .scores(
          {
            stream,
            entity: entity.id,
            from: new Date(startMs).toISOString(),
            to: new Date(endMs).toISOString(),
          },
          signal,
        )
        .catch((error: unknown) => {
          // Nothing was scored of it then.
          if (error instanceof ProcessorError && error.status === 404) return undefined
          throw error
        })
      const severities = (scores?.severities ?? []).filter((severity) => severity !== null)
      const severity = severities.length === 0 ? null : Math.max(...severities)
      found.push({ stream, entity_id: entity.id, severity })
    }
  }
  return found
}
