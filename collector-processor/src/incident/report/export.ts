import type { Anomaly, Graph, Incident, IncidentExport, TimelineEntry, Verdict } from '@adf/contract'
import { streamEntity } from '../member.ts'
import { timelineOf } from './timeline.ts'

/** Anomalies in one export. */
const MAX_ANOMALIES = 500
const MAX_CALLS = 500

/** All that is known of one incident. */
export function exportOf(parts: {
  incident: Incident
  history: readonly TimelineEntry[]
  anomalies: readonly Anomaly[]
  verdicts: readonly Verdict[]
  graph: Graph
  nowMs: number
}): IncidentExport {
  const { incident, history, anomalies, verdicts, graph, nowMs } = parts
  const inTime = anomalies.toSorted((a, b) => Date.parse(a.time) - Date.parse(b.time))
  const kept = telling(inTime)
  const services = new Set([
    ...incident.services,
    ...incident.suffering,
    ...incident.causes.slice(0, 1).flatMap(({ service, path }) => [service, ...path]),
  ])
  return {
    exported_at: new Date(nowMs).toISOString(),
    incident,
    timeline: timelineOf(incident, history, inTime, verdicts),
    calls: graph.edges
      .filter(({ client, server }) => services.has(client) && services.has(server))
      .slice(0, MAX_CALLS)
      .map(({ client, server }) => ({ client, server })),
    anomalies: kept,
    anomalies_left_out: Math.max(0, incident.anomaly_count - kept.length),
    verdicts: [...verdicts],
  }
}

/** The first of each entity and stream, then the strongest; in the order of time. */
function telling(inTime: readonly Anomaly[]): Anomaly[] {
  const firsts = new Map<string, Anomaly>()
  for (const anomaly of inTime) {
    const key = streamEntity(anomaly)
    if (!firsts.has(key)) firsts.set(key, anomaly)
  }
  const kept = new Set([...firsts.values()].slice(0, MAX_ANOMALIES))
  for (const anomaly of inTime.toSorted((a, b) => b.score - a.score)) {
    if (kept.size >= MAX_ANOMALIES) break
    kept.add(anomaly)
  }
  return inTime.filter((anomaly) => kept.has(anomaly))
}
