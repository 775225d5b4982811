import type { Graph, GraphNode, Incident } from '@adf/contract'

/**
 * cause: an open incident ranks it first; anomalous: it is in one; suffers: a cause explains its trouble; unread: the incidents are not known,
 * so nothing is; unknown: not scored (yet).
 */
export type Health = 'cause' | 'anomalous' | 'suffers' | 'unread' | 'normal' | 'unknown'

const ORDER: readonly Health[] = ['cause', 'anomalous', 'suffers', 'unread', 'unknown', 'normal']

export interface ServiceHealth {
  readonly node: GraphNode
  readonly health: Health
}

/** Health of every node by the open incidents: what one ranks first counts most. @param incidents undefined while they could not be read */
export function healthOf(
  incidents: readonly Incident[] | undefined,
): (node: Pick<GraphNode, 'id' | 'kind' | 'anomaly_score'>) => Health {
  if (incidents === undefined) return ({ kind }) => (kind === 'service' ? 'unread' : 'normal')
  const open = incidents.filter(({ state }) => state === 'open')
  const causes = new Set(open.flatMap(({ causes }) => causes.slice(0, 1).map(({ service }) => service)))
  const suffering = new Set(open.flatMap((incident) => incident.suffering))
  const anomalous = new Set(open.flatMap(({ services }) => services))
  return ({ id, kind, anomaly_score }) => {
    if (causes.has(id)) return 'cause'
    if (suffering.has(id)) return 'suffers'
    if (anomalous.has(id)) return 'anomalous'
    if (kind !== 'service') return 'normal'
    return anomaly_score === null ? 'unknown' : 'normal'
  }
}

/** The same where some nodes stand for others: such a one is as bad as the worst of them. */
export function withGroups(
  health: ReturnType<typeof healthOf>,
  groups: ReadonlyMap<string, { readonly members: readonly GraphNode[] }>,
): ReturnType<typeof healthOf> {
  return (node) => {
    const members = groups.get(node.id)?.members.map(health) ?? []
    return ORDER.find((one) => members.includes(one)) ?? health(node)
  }
}

/** The services of the graph, the worst first, then by name. */
export function serviceHealth(
  { nodes }: Pick<Graph, 'nodes'>,
  incidents: readonly Incident[] | undefined,
): readonly ServiceHealth[] {
  const of = healthOf(incidents)
  return nodes
    .filter(({ kind }) => kind === 'service')
    .map((node) => ({ node, health: of(node) }))
    .sort((a, b) => ORDER.indexOf(a.health) - ORDER.indexOf(b.health) || a.node.id.localeCompare(b.node.id))
}
