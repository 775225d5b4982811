import { type Graph, routes } from '@adf/contract'
import { type Endpoints, ProblemError } from '@adf/service'
import { diffGraphs } from '../../graph/diff.ts'
import type { ApiPorts } from '../ports.ts'

export function graphEndpoints(endpoints: Endpoints, ports: ApiPorts, clock: () => number): void {
  const graphOf = async (name: string, time: string | undefined): Promise<Graph> => {
    if (time === undefined) return ports.graph()
    const ms = Date.parse(time)
    if (ms > clock()) throw new ProblemError('invalid_request', `${name} is in the future`)
    const graph = await ports.graphAt(ms)
    if (graph === undefined)
      throw new ProblemError(
        'not_found',
        `no graph is kept from ${time} or before: see graph.snapshot_interval and store.retention`,
      )
    return graph
  }
  endpoints
    .on(routes.getGraph, ({ query: { at } }) => graphOf('at', at))
    .on(routes.getGraphDiff, async ({ query: { from, to, limit } }) => {
      if (to !== undefined && Date.parse(from) >= Date.parse(to))
        throw new ProblemError('invalid_request', 'from is not before to')
      const later = await graphOf('to', to)
      return diffGraphs(await graphOf('from', from), later, limit)
    })
    .on(routes.listGraphOperations, ({ query: { service } }) => {
      const operations = ports.operations(service)
      if (operations === undefined)
        throw new ProblemError('not_found', `there is no service ${service} in the graph`)
      return operations
    })
}
