import { routes } from '@adf/contract'
import type { Endpoints } from '@adf/service'
import type { ApiPorts } from '../ports.ts'

export function operationEndpoints(
  endpoints: Endpoints,
  ports: ApiPorts,
  { clock, startedMs, version }: { clock: () => number; startedMs: number; version: string },
): void {
  const time = (ms: number) => new Date(ms).toISOString()
  endpoints
    .on(routes.getStatus, () => {
      const nowMs = clock()
      return {
        version,
        started_at: time(startedMs),
        at: time(nowMs),
        uptime_seconds: Math.max(0, nowMs - startedMs) / 1000,
        ...ports.status(),
      }
    })
    .on(routes.getStats, async () => {
      const { anomalies, incidents, verdicts } = ports.store
      const { judged, confirmed } = await verdicts.rootCauses()
      return {
        at: time(clock()),
        anomalies: await anomalies.counts(clock()),
        incidents: await incidents.counts(),
        root_causes: { judged, confirmed, accuracy: judged === 0 ? null : confirmed / judged },
      }
    })
    .on(routes.getSlo, () => ports.slo())
}
