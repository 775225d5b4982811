import { z } from 'zod'
import { Incident, IncidentState } from './incident.ts'
import { IncidentExport } from './incident-export.ts'
import { IncidentPage } from './page.ts'
import { id, none, page, type Route, timeRange } from './route.ts'

/** Routes of incidents. */
export const incidentRoutes = {
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
} as const satisfies Record<string, Route>
