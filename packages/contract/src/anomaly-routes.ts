import { z } from 'zod'
import { Anomaly } from './anomaly.ts'
import { AnomalyPage } from './page.ts'
import { id, json, none, page, type Route, stream, timeRange } from './route.ts'
import { ScoreAnswer, ScoreRequest } from './score-request.ts'

const anomalyFilter = {
  min_score: z.coerce.number().min(0).max(1).optional().meta({ description: 'smallest score' }),
  entity: z.string().min(1).max(512).optional().meta({ description: 'id of an entity' }),
  incident: z.string().min(1).max(64).optional().meta({ description: 'id of an incident' }),
  ...timeRange,
  ...page,
}

/** Routes of anomalies. */
export const anomalyRoutes = {
  scoreVector: {
    ...none,
    method: 'post',
    path: '/api/anomaly',
    tag: 'anomalies',
    summary: 'Score one vector',
    description:
      'Scores a vector of the caller against what is known of the entity. Nothing is learned, stored or alerted.',
    scope: 'read',
    body: { schema: ScoreRequest, types: [json] },
    answer: { status: 200, text: 'The score, and what each feature added to it', schema: ScoreAnswer },
    problems: [404],
  },
  listAnomalies: {
    ...none,
    method: 'get',
    path: '/api/anomalies',
    tag: 'anomalies',
    summary: 'Anomalies, newest first',
    scope: 'read',
    query: z.strictObject({ stream: stream.shape.stream.optional(), ...anomalyFilter }),
    answer: { status: 200, text: 'One page', schema: AnomalyPage },
  },
  getAnomaly: {
    ...none,
    method: 'get',
    path: '/api/anomalies/{id}',
    tag: 'anomalies',
    summary: 'One anomaly',
    scope: 'read',
    params: id,
    answer: { status: 200, text: 'The anomaly', schema: Anomaly },
    problems: [404],
  },
  listStreamAnomalies: {
    ...none,
    method: 'get',
    path: '/api/anomalies/stream/{stream}',
    tag: 'anomalies',
    summary: 'Anomalies of one stream, newest first',
    scope: 'read',
    params: stream,
    query: z.strictObject(anomalyFilter),
    answer: { status: 200, text: 'One page', schema: AnomalyPage },
    problems: [404],
  },
  deleteAnomaly: {
    ...none,
    method: 'delete',
    path: '/api/anomalies/{id}',
    tag: 'anomalies',
    summary: 'Delete an anomaly, and the verdicts on it',
    scope: 'admin',
    params: id,
    answer: { status: 204, text: 'Deleted', schema: z.undefined() },
    problems: [404],
  },
} as const satisfies Record<string, Route>
