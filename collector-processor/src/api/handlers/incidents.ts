import { type Anomaly, type Incident, type IncidentExport, routes } from '@adf/contract'
import { type Endpoints, ProblemError } from '@adf/service'
import { exportOf } from '../../incident/report/export.ts'
import { postmortemOf } from '../../incident/report/postmortem.ts'
import type { ApiPorts } from '../ports.ts'
import { millis } from './anomalies.ts'

/** Anomalies read for one export, and in one piece. */
const MAX_READ = 10_000
const PIECE = 500

export function incidentEndpoints(endpoints: Endpoints, ports: ApiPorts, clock: () => number): void {
  const { anomalies, incidents, incidentHistory, verdicts } = ports.store
  const find = async (id: string) => {
    const incident = await incidents.get(id)
    if (incident === undefined) throw new ProblemError('not_found', `there is no incident ${id}`)
    return incident
  }
  const anomaliesOf = async (incident: string) => {
    const found: Anomaly[] = []
    let cursor: string | undefined
    do {
      const page = await anomalies.page({ incident, limit: PIECE, cursor })
      found.push(...page.items)
      cursor = page.next_cursor ?? undefined
    } while (cursor !== undefined && found.length < MAX_READ)
    return found
  }
  /** Of an incident that is over, the calls as they were then. */
  const graphOf = async ({ resolved_at }: Incident) => {
    const then = resolved_at === null ? undefined : await ports.graphAt(Date.parse(resolved_at))
    return then ?? ports.graph()
  }
  const gather = async (id: string): Promise<IncidentExport> => {
    const incident = await find(id)
    return exportOf({
      incident,
      history: await incidentHistory.of(id),
      anomalies: await anomaliesOf(id),
      verdicts: await verdicts.of(id),
      graph: await graphOf(incident),
      nowMs: clock(),
    })
  }
  endpoints
    .on(routes.listIncidents, ({ query: { from, to, ...same } }) =>
      incidents.page({ ...same, fromMs: millis(from), toMs: millis(to) }),
    )
    .on(routes.getIncident, ({ params }) => find(params.id))
    .on(routes.exportIncident, ({ params }) => gather(params.id))
    .on(routes.reportIncident, async ({ params }) => postmortemOf(await gather(params.id)))
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
