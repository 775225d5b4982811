import { z } from 'zod'
import { Health } from './health.ts'
import { none, type Route } from './route.ts'

/** Endpoints that every service has. */
export const serviceRoutes = {
  health: {
    ...none,
    method: 'get',
    path: '/health',
    tag: 'operation',
    summary: 'Is the process alive',
    scope: null,
    answer: { status: 200, text: 'It is', schema: Health },
  },
  ready: {
    ...none,
    method: 'get',
    path: '/ready',
    tag: 'operation',
    summary: 'Does it take telemetry and requests',
    scope: null,
    answer: { status: 200, text: 'It does', schema: Health },
    problems: [503],
  },
  metrics: {
    ...none,
    method: 'get',
    path: '/metrics',
    tag: 'operation',
    summary: 'Metrics for Prometheus',
    scope: 'read',
    answer: { status: 200, text: 'Prometheus text format', schema: z.string(), type: 'text/plain' },
  },
  docs: {
    ...none,
    method: 'get',
    path: '/docs',
    tag: 'operation',
    summary: 'This document as a page',
    scope: null,
    answer: { status: 200, text: 'A page', schema: z.string(), type: 'text/html' },
  },
  openapi: {
    ...none,
    method: 'get',
    path: '/openapi.json',
    tag: 'operation',
    summary: 'This document (OpenAPI 3.1)',
    scope: null,
    answer: { status: 200, text: 'The document', schema: z.looseObject({ openapi: z.string() }) },
  },
} as const satisfies Record<string, Route>
