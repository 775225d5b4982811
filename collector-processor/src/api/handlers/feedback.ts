import { routes, type Verdict } from '@adf/contract'
import { type Endpoints, ProblemError } from '@adf/service'
import type { Judged } from '../../store/store.ts'
import type { ApiMetrics } from '../metrics.ts'
import type { ApiPorts, Judgement } from '../ports.ts'

export function feedbackEndpoints(
  endpoints: Endpoints,
  ports: ApiPorts,
  { clock, newId, metrics }: { clock: () => number; newId: () => string; metrics: ApiMetrics },
): void {
  const { verdicts } = ports.store
  const tell = async ({ verdict, ...judged }: Judged) => {
    const target = await targetOf(ports, verdict)
    if (target !== undefined) await ports.judged({ verdict, ...judged, target })
  }
  endpoints
    .on(routes.giveFeedback, async ({ body, caller }) => {
      const { anomaly_id = null, incident_id = null, cause = null, note = null } = body
      const given = await verdicts.give({
        id: newId(),
        anomaly_id,
        incident_id: incident_id && (await survivorOf(ports, incident_id)),
        verdict: body.verdict,
        cause,
        note,
        author: body.author ?? (caller === 'anonymous' ? null : caller),
        time: new Date(clock()).toISOString(),
      })
      if (given === undefined) {
        const what = anomaly_id === null ? `incident ${incident_id}` : `anomaly ${anomaly_id}`
        throw new ProblemError('not_found', `there is no ${what}; the verdict was not stored`)
      }
      metrics.verdicts.inc({ target: kindOf(given.verdict), verdict: body.verdict })
      await tell(given)
      return given.verdict
    })
    .on(routes.withdrawFeedback, async ({ params: { id } }) => {
      const withdrawn = await verdicts.withdraw(id, clock())
      if (withdrawn === undefined) throw new ProblemError('not_found', `there is no verdict ${id}`)
      if (withdrawn === 'gone') return undefined
      const { verdict } = withdrawn
      metrics.verdictsWithdrawn.inc({ target: kindOf(verdict), verdict: verdict.verdict })
      await tell(withdrawn)
      return undefined
    })
    .on(routes.listVerdicts, ({ query: { after, limit } }) => verdicts.log(after, limit))
}

const kindOf = ({ anomaly_id }: Verdict) => (anomaly_id === null ? 'incident' : 'anomaly')

/**
 * The incident that one goes on as, as far as it can be read: those that merged have no anomalies of their own, and the tuner
 * learns nothing from a verdict on them.
 */
async function survivorOf({ store }: ApiPorts, id: string): Promise<string> {
  const passed = new Set<string>()
  let survivor = id
  let next: string | null = id
  while (next !== null && !passed.has(next)) {
    const incident = await store.incidents.get(next)
    if (incident === undefined) break
    survivor = next
    passed.add(next)
    next = incident.merged_into
  }
  return survivor
}

async function targetOf(ports: ApiPorts, verdict: Verdict): Promise<Judgement['target'] | undefined> {
  if (verdict.anomaly_id !== null) {
    const anomaly = await ports.store.anomalies.get(verdict.anomaly_id)
    return anomaly && { kind: 'anomaly', anomaly }
  }
  const incident = await ports.store.incidents.get(verdict.incident_id ?? '')
  return incident && { kind: 'incident', incident }
}
