import type { EvidenceWindow, HostEvidence } from './evidence.ts'
import type { Finding } from './finding.ts'
import { textOf } from './metrics.ts'
import { FULL } from './scale.ts'

/** A change is suspected for as long as this before the trouble began; half as much after half of it. */
const SUSPECT_MS = 15 * 60_000
/** z-score that a change right before the trouble is worth: enough to tip the scales between two, not to blame alone. */
const CHANGE = 10

/** Anomalies of hosts, charged to each service that runs there in equal parts. */
export function hostFindings(hosts: readonly HostEvidence[], { placements }: EvidenceWindow): Finding[] {
  const servicesOn = Map.groupBy(placements, ({ host }) => host)
  return hosts
    .filter(({ strength }) => strength > 0)
    .flatMap((metric) =>
      (servicesOn.get(metric.host) ?? []).map(({ service }) => ({
        service,
        kind: 'saturation' as const,
        place: 'host' as const,
        subject: `${metric.host} ${metric.feature}`,
        value: metric.value,
        expected: Number.isNaN(metric.expected) ? null : metric.expected,
        unit: metric.unit,
        strength: metric.strength * FULL,
        effect: undefined,
        sinceMs: metric.sinceMs,
        text: `host ${metric.host}: ${textOf(metric)}`,
      })),
    )
}

/**
 * Deployments shortly before the trouble began, of services that show something themselves: a change by itself is no
 * trouble. `since` is when the first of the other findings began.
 */
export function changeFindings({ changes }: EvidenceWindow, others: readonly Finding[]): Finding[] {
  const began = Math.min(...others.map(({ sinceMs }) => sinceMs ?? Number.POSITIVE_INFINITY))
  const odd = new Set(others.map(({ service }) => service))
  return changes.flatMap(({ service, what, from, to, atMs }) => {
    const beforeMs = Math.max(0, began - atMs)
    if (!odd.has(service) || !(beforeMs < SUSPECT_MS)) return []
    return [
      {
        service,
        kind: 'change' as const,
        place: 'change' as const,
        subject: what,
        value: 1,
        expected: null,
        unit: '',
        strength: CHANGE * (1 - beforeMs / SUSPECT_MS),
        effect: undefined,
        sinceMs: atMs,
        text: `its ${what} changed from ${from} to ${to} at ${new Date(atMs).toISOString()}`,
      },
    ]
  })
}
