import type { EvidenceWindow } from '../../rootcause/evidence.ts'
import type { GraphOptions } from '../options.ts'
import type { Relations } from '../relations.ts'
import type { Tallies } from '../tallies.ts'
import { callWindow } from './call-window.ts'
import type { Screening, Suspects } from './screening.ts'
import { ServiceWindow } from './service-window.ts'
import { Timeline } from './timeline.ts'

/** Sums per slot as evidence: history is what lies between `fromMs` and `history` before it. */
export function gatherEvidence(
  tallies: Tallies,
  relations: Relations,
  screening: Screening,
  options: GraphOptions,
  fromMs: number,
  nowMs: number,
): EvidenceWindow {
  const time = new Timeline(tallies, options, fromMs, nowMs)
  const suspects = screening.suspects(time)
  const services = serviceWindows(tallies, time, options.slot, suspects)
  return {
    nodes: [...services.values()],
    edges: suspects.edges.map((edge) =>
      callWindow(tallies, time, edge, services.get(tallies.edges.client(edge))),
    ),
    quiet: suspects.quiet,
    windowSlots: time.windowSlots,
    slotMs: options.slot,
    waitedMs: suspects.waitedMs,
    placements: placements(relations, fromMs - options.history),
    changes: relations.deployments.changes
      .filter(({ atMs }) => atMs >= fromMs - options.history && atMs <= nowMs)
      .map(({ service, what, from, to, atMs }) => ({ service, what, from, to, atMs })),
  }
}

function serviceWindows(
  tallies: Tallies,
  time: Timeline,
  slotMs: number,
  { operations, rates, nodes }: Suspects,
): Map<number, ServiceWindow> {
  const windows = new Map<number, ServiceWindow>()
  for (const node of nodes) {
    const odd = operations.get(node) ?? []
    windows.set(node, new ServiceWindow(tallies, time, slotMs, node, odd, !rates.has(node)))
  }
  return windows
}

/** Each service and host once, however many instances. */
function placements(relations: Relations, sinceMs: number): EvidenceWindow['placements'] {
  const hosts = new Map<string, Set<string>>()
  for (const { service, host, node, lastSeenMs } of relations.placements.all()) {
    const on = host || node
    if (on === '' || lastSeenMs < sinceMs) continue
    const known = hosts.get(service)
    if (known === undefined) hosts.set(service, new Set([on]))
    else known.add(on)
  }
  return Array.from(hosts, ([service, all]) => Array.from(all, (host) => ({ service, host }))).flat()
}
