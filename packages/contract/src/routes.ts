import { z } from 'zod'
import { AlertMessage } from './alert.ts'
import { anomalyRoutes } from './anomaly-routes.ts'
import { entityRoutes } from './entity-routes.ts'
import { Event, EventsAnswer } from './events.ts'
import { graphRoutes } from './graph-routes.ts'
import { incidentRoutes } from './incident-routes.ts'
import { type Api, json, none, type Route, stream } from './route.ts'
import { serviceRoutes } from './service-routes.ts'
import { SloReport } from './slo.ts'
import { Stats } from './stats.ts'
import { Status } from './status.ts'
import { verdictRoutes } from './verdict-routes.ts'

/** Every endpoint of the processor's API (port 8080). The key is the OpenAPI operationId. */
export const routes = {
  ...anomalyRoutes,
  ...incidentRoutes,
  ...graphRoutes,
  ...verdictRoutes,
  ...entityRoutes,
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
