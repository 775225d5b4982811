import type { Incident, IncidentExport } from '@adf/contract'
import { mermaidLabel } from './safe-text.ts'

/** Nodes of the flowchart; past that nobody reads it. */
const MAX_NODES = 40
const MAX_EDGES = 120

/**
 * The services of an incident as a Mermaid flowchart, callers to the left: the cause, the path of its trouble (thick), who
 * suffers. Ids are numbers, so that names are in labels only.
 */
export function flowchartOf({
  incident,
  calls,
}: Pick<IncidentExport, 'incident' | 'calls'>): string | undefined {
  const names = namesOf(incident)
  if (names.length === 0) return undefined
  const ids = new Map(names.map((name, index) => [name, `n${index}`]))
  const [first] = incident.causes
  const path = first?.path ?? []
  // A path goes from the cause to the symptom, against the calls.
  const thick = new Set(
    path.slice(1).map((caller, index) => `${ids.get(caller)} ${ids.get(path[index] ?? '')}`),
  )
  const edges = new Set(
    calls.flatMap(({ client, server }) => {
      const [from, to] = [ids.get(client), ids.get(server)]
      return from === undefined || to === undefined || from === to ? [] : [`${from} ${to}`]
    }),
  )
  for (const edge of thick) if (!edge.includes('undefined')) edges.add(edge)
  const classOf = (name: string) =>
    name === first?.service
      ? 'cause'
      : incident.services.includes(name) || incident.suffering.includes(name)
        ? 'suffers'
        : 'other'
  return [
    'flowchart LR',
    ...names.map((name) => `  ${ids.get(name)}${shape(name)}:::${classOf(name)}`),
    ...[...edges]
      .slice(0, MAX_EDGES)
      .map((edge) => `  ${edge.replace(' ', thick.has(edge) ? ' ==> ' : ' --> ')}`),
    '  classDef cause fill:#f2495c,stroke:#8b1a2b,color:#ffffff',
    '  classDef suffers fill:#ff9830,stroke:#9c5a11,color:#000000',
    '  classDef other fill:#d8d9da,stroke:#7b8087,color:#000000',
  ].join('\n')
}

/** Those that matter most first. */
function namesOf({ causes, services, suffering }: Incident): string[] {
  const [first] = causes
  const names = new Set([
    ...(first === undefined ? [] : [first.service, ...first.path]),
    ...services,
    ...suffering,
  ])
  return [...names].slice(0, MAX_NODES)
}

const VIRTUAL = /^(database|messaging|peer):/

const shape = (name: string) =>
  VIRTUAL.test(name) ? `[("${mermaidLabel(name)}")]` : `["${mermaidLabel(name)}"]`
