import { routes, type Verdict } from '@adf/contract'
import { type Endpoints, ProblemError } from '@adf/service'
import type { ApiMetrics } from '../metrics.ts'
import type { ApiPorts, Judgement } from '../ports.ts'

export function feedbackEndpoints(
  endpoints: Endpoints,
  ports: ApiPorts,
  { clock, newId, metrics }: { clock: () => number; newId: () => string; metrics: ApiMetrics },
): void {
  endpoints.on(routes.giveFeedback, async ({ body, caller }) => {
    const { anomaly_id = null, incident_id = null, cause = null, note = null } = body
    const given = await ports.store.verdicts.give({
      id: newId(),
      anomaly_id,
      incident_id,
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
    metrics.verdicts.inc({ target: anomaly_id === null ? 'incident' : 'anomaly', verdict: body.verdict })
    const target = await targetOf(ports, given.verdict)
    if (target !== undefined) await ports.judged({ ...given, target })
    return given.verdict
  })
}

async function targetOf(ports: ApiPorts, verdict: Verdict): Promise<Judgement['target'] | undefined> {
  if (verdict.anomaly_id !== null) {
    const anomaly = await ports.store.anomalies.get(verdict.anomaly_id)
    return anomaly && { kind: 'anomaly', anomaly }
  }
  const incident = await ports.store.incidents.get(verdict.incident_id ?? '')
  return incident && { kind: 'incident', incident }
}
