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
    case 'streams':
      return plain((await entities()).flatMap(({ streams }) => streams.map((one) => one.stream)))
    case 'entities':
      return plain((await entities(stream)).map(({ entity }) => entity.id))
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

const plain = (values: readonly string[]): MetricFindValue[] =>
  [...new Set(values)].sort().map((value) => ({ text: value, value }))
