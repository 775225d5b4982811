import { routes, type Threshold } from '@adf/contract'
import { type Endpoints, ProblemError } from '@adf/service'
import type { ApiPorts } from '../ports.ts'
import { assertStream } from './anomalies.ts'

export function entityEndpoints(endpoints: Endpoints, ports: ApiPorts, clock: () => number): void {
  const { thresholds } = ports.store
  endpoints
    .on(routes.listEntities, ({ query: { stream, service, limit, cursor } }) => {
      const ids = [...ports.entities()]
        .filter(
          ({ entity, streams }) =>
            (stream === undefined || streams.includes(stream)) &&
            (service === undefined || entity.service === service) &&
            (cursor === undefined || entity.id > cursor),
        )
        .map(({ entity }) => entity.id)
        .sort()
      const page = ids.slice(0, limit)
      return {
        items: page.flatMap((id) => ports.entity(id) ?? []),
        next_cursor: ids.length > limit ? (page.at(-1) ?? null) : null,
      }
    })
    .on(routes.listThresholds, async ({ query }) => ({
      initial: ports.initialThreshold,
      ...(await thresholds.page(query)),
    }))
    .on(routes.setThreshold, async ({ body: { stream, entity_id, value, source }, caller }) => {
      assertStream(ports, stream)
      if (value === null) {
        if (!(await thresholds.remove(stream, entity_id))) {
          throw new ProblemError('not_found', `${entity_id} has the initial threshold in ${stream} already`)
        }
        ports.thresholdChanged(stream, entity_id, null)
        return null
      }
      const threshold: Threshold = {
        stream,
        entity_id,
        value,
        source,
        updated_at: new Date(clock()).toISOString(),
        updated_by: caller === 'anonymous' ? null : caller,
      }
      await thresholds.set(threshold)
      ports.thresholdChanged(stream, entity_id, value)
      return threshold
    })
}
