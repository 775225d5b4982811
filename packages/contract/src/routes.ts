import { z } from 'zod'
import { AlertMessage } from './alert.ts'
import { Anomaly } from './anomaly.ts'
import { EntityPage } from './entity-status.ts'
import { Event, EventsAnswer } from './events.ts'
import { Graph } from './graph.ts'
import { GraphDiff, GraphOperations } from './graph-history.ts'
import { Incident, IncidentState } from './incident.ts'
import { IncidentExport } from './incident-export.ts'
import { AnomalyPage, IncidentPage } from './page.ts'
import { Ranking } from './rootcause.ts'
import { type Api, none, page, type Route } from './route.ts'
import { Instant } from './scalar.ts'
import { ScoreHistory } from './score-history.ts'
import { ScoreAnswer, ScoreRequest } from './score-request.ts'
import { serviceRoutes } from './service-routes.ts'
import { SloReport } from './slo.ts'
import { Stats } from './stats.ts'
import { Status } from './status.ts'
import { Threshold, ThresholdPage, ThresholdRequest } from './threshold.ts'
import { ThresholdHistory, ThresholdRollback, ThresholdRollbackAnswer } from './threshold-history.ts'
import { Verdict, VerdictRequest } from './verdict.ts'
import { VerdictLog } from './verdict-log.ts'

const json = 'application/json'

const timeRange = {
  from: Instant.optional().meta({ description: 'earliest time, inclusive' }),
  to: Instant.optional().meta({ description: 'latest time, exclusive' }),
}
const anomalyFilter = {
  min_score: z.coerce.number().min(0).max(1).optional().meta({ description: 'smallest score' }),
  entity: z.string().min(1).max(512).optional().meta({ description: 'id of an entity' }),
  incident: z.string().min(1).max(64).optional().meta({ description: 'id of an incident' }),
  ...timeRange,
  ...page,
}
const id = z.strictObject({ id: z.string().min(1).max(64) })
const stream = z.strictObject({ stream: z.string().min(1).max(64) })

/** Every endpoint of the processor's API (port 8080). The key is the OpenAPI operationId. */
export const routes = {
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
  listIncidents: {
    ...none,
    method: 'get',
    path: '/api/incidents',
    tag: 'incidents',
    summary: 'Incidents, newest first',
    scope: 'read',
    query: z.strictObject({
      state: IncidentState.optional(),
      service: z.string().min(1).max(256).optional().meta({ description: 'a service with anomalies in it' }),
      ...timeRange,
      ...page,
    }),
    answer: { status: 200, text: 'One page', schema: IncidentPage },
  },
  getIncident: {
    ...none,
    method: 'get',
    path: '/api/incidents/{id}',
    tag: 'incidents',
    summary: 'One incident',
    description: 'Its anomalies are at `GET /api/anomalies?incident={id}`.',
    scope: 'read',
    params: id,
    answer: { status: 200, text: 'The incident', schema: Incident },
    problems: [404],
  },
  exportIncident: {
    ...none,
    method: 'get',
    path: '/api/incidents/{id}/export',
    tag: 'incidents',
    summary: 'One incident with its anomalies, timeline and verdicts',
    scope: 'read',
    params: id,
    answer: { status: 200, text: 'The incident and all about it', schema: IncidentExport },
    problems: [404],
  },
  reportIncident: {
    ...none,
    method: 'get',
    path: '/api/incidents/{id}/report',
    tag: 'incidents',
    summary: 'The same as a post-mortem in Markdown, to be completed by people',
    description: 'With the graph as a Mermaid flowchart. Names from telemetry are escaped.',
    scope: 'read',
    params: id,
    answer: { status: 200, text: 'The post-mortem', schema: z.string(), type: 'text/markdown' },
    problems: [404],
  },
  getGraph: {
    ...none,
    method: 'get',
    path: '/api/graph',
    tag: 'graph',
    summary: 'The causal graph, now or as it was',
    description:
      'With `at`, the latest graph kept at or before that time (one a minute, `graph.snapshot_interval`); its own `at` says of when it is.',
    scope: 'read',
    query: z.strictObject({
      at: Instant.optional().meta({ description: 'a time within retention; left out: now' }),
    }),
    answer: { status: 200, text: 'The graph', schema: Graph },
    problems: [404],
  },
  getGraphDiff: {
    ...none,
    method: 'get',
    path: '/api/graph/diff',
    tag: 'graph',
    summary: 'What changed in the graph between two times',
    scope: 'read',
    query: z.strictObject({
      from: Instant.meta({ description: 'the earlier time, within retention' }),
      to: Instant.optional().meta({ description: 'the later time; left out: now' }),
      limit: z.coerce
        .number()
        .int()
        .min(1)
        .max(10_000)
        .default(100)
        .meta({ description: 'entries of each list at most' }),
    }),
    answer: { status: 200, text: 'The difference', schema: GraphDiff },
    problems: [404],
  },
  listGraphOperations: {
    ...none,
    method: 'get',
    path: '/api/graph/operations',
    tag: 'graph',
    summary: 'Operations within one service, now',
    scope: 'read',
    query: z.strictObject({
      service: z.string().min(1).max(512).meta({ description: "id of a service's node" }),
    }),
    answer: { status: 200, text: 'The operations', schema: GraphOperations },
    problems: [404],
  },
  getRootCauses: {
    ...none,
    method: 'get',
    path: '/api/root-causes',
    tag: 'graph',
    summary: 'Ranked root causes',
    description: 'Of what is unusual now, or of one incident as it was last ranked.',
    scope: 'read',
    query: z.strictObject({
      incident: z.string().min(1).max(64).optional().meta({ description: 'id of an incident' }),
      top: z.coerce.number().int().min(1).max(50).default(5).meta({ description: 'causes at most' }),
    }),
    answer: { status: 200, text: 'The ranking', schema: Ranking },
    problems: [404],
  },
  giveFeedback: {
    ...none,
    method: 'post',
    path: '/api/feedback',
    tag: 'feedback',
    summary: "An operator's verdict on an anomaly or incident",
    description:
      'Stored before it is answered. Sent again for the same target by the same author, it replaces the earlier one.',
    scope: 'feedback',
    body: { schema: VerdictRequest, types: [json] },
    answer: { status: 200, text: 'The verdict as stored', schema: Verdict },
    problems: [404],
  },
  withdrawFeedback: {
    ...none,
    method: 'delete',
    path: '/api/feedback/{id}',
    tag: 'feedback',
    summary: 'Take a verdict back',
    description:
      'The anomaly or incident then has the latest of the other verdicts on it, or none. It stays in the log of verdicts, as withdrawn.',
    scope: 'feedback',
    params: id,
    answer: { status: 204, text: 'Taken back', schema: z.undefined() },
    problems: [404],
  },
  listVerdicts: {
    ...none,
    method: 'get',
    path: '/api/verdicts',
    tag: 'feedback',
    summary: 'The log of verdicts, oldest first',
    description: 'For those who follow it: read on with the largest cursor seen. Entries go with retention.',
    scope: 'read',
    query: z.strictObject({
      after: z.coerce.number().int().min(0).default(0).meta({ description: 'cursor of the last entry seen' }),
      limit: page.limit,
    }),
    answer: { status: 200, text: 'What came after it', schema: VerdictLog },
  },
  listEntities: {
    ...none,
    method: 'get',
    path: '/api/entities',
    tag: 'entities',
    summary: 'What is scored, what is missing and why',
    scope: 'read',
    query: z.strictObject({
      stream: stream.shape.stream.optional(),
      service: z.string().min(1).max(256).optional(),
      limit: page.limit,
      cursor: page.cursor,
    }),
    answer: { status: 200, text: 'One page', schema: EntityPage },
  },
  listThresholds: {
    ...none,
    method: 'get',
    path: '/api/thresholds',
    tag: 'entities',
    summary: 'Thresholds that differ from the initial one',
    scope: 'read',
    query: z.strictObject({
      stream: stream.shape.stream.optional(),
      entity: z.string().min(1).max(512).optional(),
      limit: page.limit,
      cursor: page.cursor,
    }),
    answer: { status: 200, text: 'One page', schema: ThresholdPage },
  },
  setThreshold: {
    ...none,
    method: 'put',
    path: '/api/thresholds',
    tag: 'entities',
    summary: 'Set the threshold of an entity',
    description:
      'In force for the next vector. `value: null` goes back to the initial threshold. 409 `overridden`: the tuner may not change what an operator set.',
    scope: 'admin',
    body: { schema: ThresholdRequest, types: [json] },
    answer: { status: 200, text: 'The threshold as stored', schema: Threshold.or(z.null()) },
    problems: [404, 409],
  },
  listThresholdHistory: {
    ...none,
    method: 'get',
    path: '/api/thresholds/history',
    tag: 'entities',
    summary: 'Changes of thresholds, newest first: who or what, when and why',
    scope: 'read',
    query: z.strictObject({
      stream: stream.shape.stream.optional(),
      entity: z.string().min(1).max(512).optional(),
      ...page,
    }),
    answer: { status: 200, text: 'One page', schema: ThresholdHistory },
  },
  rollbackThresholds: {
    ...none,
    method: 'post',
    path: '/api/thresholds/rollback',
    tag: 'entities',
    summary: 'Take changes of thresholds back',
    scope: 'admin',
    body: { schema: ThresholdRollback, types: [json] },
    answer: { status: 200, text: 'What changed by it', schema: ThresholdRollbackAnswer },
    problems: [404, 409],
  },
  getScores: {
    ...none,
    method: 'get',
    path: '/api/scores',
    tag: 'entities',
    summary: 'Severity of an entity over time, a value a minute',
    description: 'At most eight days at once; kept for `scores.retention`.',
    scope: 'read',
    query: z.strictObject({
      stream: stream.shape.stream,
      entity: z.string().min(1).max(512).meta({ description: 'id of an entity' }),
      from: Instant.meta({ description: 'the minute of this time is the first' }),
      to: Instant.optional().meta({ description: 'exclusive; left out: now' }),
    }),
    answer: { status: 200, text: 'The series', schema: ScoreHistory },
    problems: [404],
  },
  getStatus: {
    ...none,
    method: 'get',
    path: '/api/status',
    tag: 'operation',
    summary: 'Is it working, now',
    scope: 'read',
    answer: { status: 200, text: 'The status', schema: Status },
  },
  getStats: {
    ...none,
    method: 'get',
    path: '/api/stats',
    tag: 'operation',
    summary: 'What was found, and what operators said of it',
    scope: 'read',
    answer: { status: 200, text: 'The statistics', schema: Stats },
  },
  getSlo: {
    ...none,
    method: 'get',
    path: '/api/slo',
    tag: 'operation',
    summary: 'Objectives and burn rates of every service',
    scope: 'read',
    answer: { status: 200, text: 'The report', schema: SloReport },
  },
  sendEvents: {
    ...none,
    method: 'post',
    path: '/api/events/{stream}',
    tag: 'telemetry',
    summary: 'JSON events of a user-defined stream',
    description:
      'One object, an array, or one object per line (NDJSON). 503 with Retry-After when there is no room now.',
    scope: 'ingest',
    params: stream,
    body: { schema: z.union([Event, z.array(Event)]), types: [json, 'application/x-ndjson'] },
    answer: { status: 200, text: 'How many were taken', schema: EventsAnswer },
    problems: [404, 413, 415, 503],
  },
  streamAlerts: {
    ...none,
    method: 'get',
    path: '/ws/alerts',
    tag: 'alerts',
    summary: 'Anomalies and incidents as they come (WebSocket)',
    description:
      'Each message is JSON (AlertMessage). With `cursor`, what came after it is sent first, then live, with no gap and no duplicate. ' +
      'A client whose platform cannot set headers gives its token as subprotocol: `Sec-WebSocket-Protocol: adf, bearer.TOKEN`. ' +
      'Close codes: 4008 reads too slowly, 4010 the cursor is no longer kept, 4011 no answer to heartbeats.',
    scope: 'read',
    query: z.strictObject({
      cursor: z
        .string()
        .regex(/^\d{1,15}$/)
        .optional()
        .meta({ description: '`cursor` of the last message that was read; 0 = from the oldest kept' }),
    }),
    answer: { status: 101, text: 'Switching to WebSocket', schema: AlertMessage },
    problems: [503],
  },
  ...serviceRoutes,
} as const satisfies Record<string, Route>

export type RouteName = keyof typeof routes

export const processorApi = {
  title: 'ADF processor',
  description: 'Anomalies, incidents and their root causes, from OpenTelemetry data.',
  routes,
} as const satisfies Api
