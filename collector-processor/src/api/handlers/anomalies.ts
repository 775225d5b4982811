import { routes, type ScoreRequest } from '@adf/contract'
import { type Endpoints, ProblemError } from '@adf/service'
import type { AnomalyFilter } from '../../store/store.ts'
import type { ApiPorts } from '../ports.ts'

export function anomalyEndpoints(endpoints: Endpoints, ports: ApiPorts, clock: () => number): void {
  const { anomalies } = ports.store
  endpoints
    .on(routes.scoreVector, ({ body }) => {
      assertFeatures(ports, body)
      return ports.score(body, clock())
    })
    .on(routes.listAnomalies, ({ query }) => anomalies.page(toFilter(query)))
    .on(routes.listStreamAnomalies, ({ params, query }) => {
      assertStream(ports, params.stream)
      return anomalies.page({ ...toFilter(query), stream: params.stream })
    })
    .on(routes.getAnomaly, async ({ params }) => {
      const anomaly = await anomalies.get(params.id)
      if (anomaly === undefined) throw noAnomaly(params.id)
      return anomaly
    })
    .on(routes.deleteAnomaly, async ({ params }) => {
      if (!(await anomalies.remove(params.id))) throw noAnomaly(params.id)
      return undefined
    })
}

export function assertStream(ports: Pick<ApiPorts, 'features'>, stream: string): readonly string[] {
  const features = ports.features(stream)
  if (features === undefined) throw new ProblemError('unknown_stream', `no stream ${stream} is configured`)
  return features
}

function assertFeatures(ports: ApiPorts, { stream, features }: ScoreRequest): void {
  const known = assertStream(ports, stream)
  const errors = Object.keys(features)
    .filter((name) => !known.includes(name))
    .map((name) => ({
      path: `features.${name}`,
      message: `stream ${stream} has no such feature; it has ${known.join(', ')}`,
    }))
  if (errors.length > 0) throw new ProblemError('invalid_request', 'unknown features', { errors })
}

function toFilter(query: {
  stream?: string | undefined
  min_score?: number | undefined
  entity?: string | undefined
  incident?: string | undefined
  from?: string | undefined
  to?: string | undefined
  limit: number
  cursor?: string | undefined
}): AnomalyFilter {
  const { min_score: minScore, from, to, ...same } = query
  return { ...same, minScore, fromMs: millis(from), toMs: millis(to) }
}

export function millis(instant: string | undefined): number | undefined {
  return instant === undefined ? undefined : Date.parse(instant)
}

const noAnomaly = (id: string) => new ProblemError('not_found', `there is no anomaly ${id}`)
