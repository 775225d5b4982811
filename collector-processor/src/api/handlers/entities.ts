import { routes } from '@adf/contract'
import { type Endpoints, ProblemError } from '@adf/service'
import type { ApiPorts } from '../ports.ts'
import { assertStream } from './anomalies.ts'

export function entityEndpoints(endpoints: Endpoints, ports: ApiPorts): void {
  endpoints.on(routes.listEntities, ({ query: { stream, service, limit, cursor } }) => {
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
  endpoints.on(routes.getJudgement, ({ query: { stream, entity } }) => {
    assertStream(ports, stream)
    const judgement = ports.judgement(stream, entity)
    if (judgement === undefined)
      throw new ProblemError('not_found', `nothing of ${entity} comes in ${stream} now`)
    return judgement
  })
}
