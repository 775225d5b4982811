import { routes } from '@adf/contract'
import { ProblemError } from '@adf/service'
import type { Endpoints } from '../endpoint.ts'
import type { ApiPorts } from '../ports.ts'
import { millis } from './anomalies.ts'

export function incidentEndpoints(endpoints: Endpoints, ports: ApiPorts): void {
  const { incidents } = ports.store
  const find = async (id: string) => {
    const incident = await incidents.get(id)
    if (incident === undefined) throw new ProblemError('not_found', `there is no incident ${id}`)
    return incident
  }
  endpoints
    .on(routes.listIncidents, ({ query: { from, to, ...same } }) =>
      incidents.page({ ...same, fromMs: millis(from), toMs: millis(to) }),
    )
    .on(routes.getIncident, ({ params }) => find(params.id))
    .on(routes.getRootCauses, async ({ query: { incident: id, top } }) => {
      if (id === undefined) return ports.rank(top)
      const { updated_at, causes, none, suffering, comparators } = await find(id)
      return {
        at: updated_at,
        causes: causes.slice(0, top),
        none: none ?? 1,
        suffering,
        comparators: {
          random: comparators.random.slice(0, top),
          max_z: comparators.max_z.slice(0, top),
          pagerank: comparators.pagerank.slice(0, top),
        },
      }
    })
}
