import { type EntityStatus, routes } from '@adf/contract'
import type { DataQuery, MetricFindValue } from '@grafana/data'
import { ask } from '../data/ask.ts'
import type { Send } from '../data/send.ts'
import { readPages } from './pages.ts'

/** What a template variable can be. */
export const VARIABLES = ['streams', 'entities', 'services', 'incidents'] as const
export type VariableKind = (typeof VARIABLES)[number]

export interface VariableQuery extends DataQuery {
  readonly variable: VariableKind
  /** Entities of this stream only. */
  readonly stream?: string
}

const MAX_VALUES = 5000
const MAX_INCIDENTS = 50

/** The values of a template variable, each once. */
export async function valuesOf(
  { variable, stream }: Pick<VariableQuery, 'variable' | 'stream'>,
  send: Send,
): Promise<MetricFindValue[]> {
  switch (variable) {
    case 'streams': {
      const all = (await entities()).flatMap(({ streams }) => streams)
      return scoredFirst(all.map((one) => [one.stream, one.state === 'scored']))
    }
    case 'entities':
      return scoredFirst(
        (await entities(stream)).map(({ entity, streams }) => [
          entity.id,
          streams.some((one) => one.state === 'scored' && one.stream === (stream ?? one.stream)),
        ]),
      )
    case 'services': {
      const { nodes } = await ask(send, routes.getGraph)
      return plain(nodes.filter(({ kind }) => kind === 'service').map(({ id }) => id))
    }
    case 'incidents': {
      const { items } = await ask(send, routes.listIncidents, { query: { limit: MAX_INCIDENTS } })
      return items.map(({ id, title, started_at }) => ({ value: id, text: `${started_at} ${title}` }))
    }
  }

  async function entities(of?: string): Promise<readonly EntityStatus[]> {
    const { items } = await readPages(MAX_VALUES, (page) =>
      ask(send, routes.listEntities, { query: { stream: of, ...page } }),
    )
    return items
  }
}

/** A dashboard begins with the first: of what is not scored yet there would be nothing to see. */
function scoredFirst(values: readonly (readonly [value: string, scored: boolean])[]): MetricFindValue[] {
  const scored = plain(values.flatMap(([value, is]) => (is ? [value] : [])))
  const rest = plain(values.map(([value]) => value))
  return [...scored, ...rest.filter(({ value }) => scored.every((one) => one.value !== value))]
}

const plain = (values: readonly string[]): MetricFindValue[] =>
  [...new Set(values)].sort().map((value) => ({ text: value, value }))
