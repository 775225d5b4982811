// @vitest-environment happy-dom
// @vitest-environment-options {"url": "http://processor.test/"}
import anomalyPage from '@adf/contract/golden/anomaly-page.json'
import entityPage from '@adf/contract/golden/entity-page.json'
import graph from '@adf/contract/golden/graph.json'
import incidentExport from '@adf/contract/golden/incident-export.json'
import incidentPage from '@adf/contract/golden/incident-page.json'
import problem from '@adf/contract/golden/problem.json'
import sloReport from '@adf/contract/golden/slo-report.json'
import status from '@adf/contract/golden/status.json'
import { act, cleanup, waitFor } from '@testing-library/react'
import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { renderDataHook } from '../testing/hook.tsx'
import { goldenHandlers, PROCESSOR } from '../testing/processor.ts'
import { AskError } from './ask-error.ts'
import { useAnomalies } from './useAnomalies.ts'
import { useEntities } from './useEntities.ts'
import { useFeedback } from './useFeedback.ts'
import { useGraph } from './useGraph.ts'
import { useIncident } from './useIncident.ts'
import { useIncidents } from './useIncidents.ts'
import { useReport } from './useReport.ts'
import { useSlo } from './useSlo.ts'
import { useStatus } from './useStatus.ts'

const server = setupServer(...goldenHandlers)
beforeAll(() => server.listen({ onUnhandledFrame: 'error' }))
afterEach(() => {
  cleanup()
  server.resetHandlers()
})
afterAll(() => server.close())

const seen: URL[] = []
server.events.on('request:start', ({ request }) => {
  seen.push(new URL(request.url))
})
afterEach(() => {
  seen.length = 0
})

test.each([
  ['useStatus', () => useStatus(), status],
  ['useGraph', () => useGraph(), graph],
  ['useSlo', () => useSlo(), sloReport],
  ['useIncident', () => useIncident('019c'), incidentExport],
  ['useIncidents', () => useIncidents({ state: 'open' }), incidentPage.items],
  ['useAnomalies', () => useAnomalies({ min_score: '0.5' }), anomalyPage.items],
  ['useEntities', () => useEntities(), { items: entityPage.items, complete: true }],
])('%s gives what the processor says', async (_name, hook, expected) => {
  const { result } = renderDataHook<{ data: unknown }>(hook)
  await waitFor(() => expect(result.current.data).toBeDefined())
  expect(result.current.data).toEqual(expected)
})

test('filters that are not set are left out of the query', async () => {
  const { result } = renderDataHook(() => useAnomalies({ stream: 'host', entity: '', limit: 20 }))
  await waitFor(() => expect(result.current.isSuccess).toBe(true))
  expect(seen.map(({ search }) => search)).toEqual(['?stream=host&limit=20'])
})

test('entities are read to their last page', async () => {
  server.use(
    http.get(`${PROCESSOR}/api/entities`, ({ request }) =>
      HttpResponse.json({
        ...entityPage,
        next_cursor: new URL(request.url).searchParams.has('cursor') ? null : 'more',
      }),
    ),
  )
  const { result } = renderDataHook(() => useEntities({ service: 'shop/pay ment' }))
  await waitFor(() => expect(result.current.isSuccess).toBe(true))
  expect(result.current.data?.items).toHaveLength(2 * entityPage.items.length)
  expect(seen.at(-1)?.searchParams.get('service')).toBe('shop/pay ment')
})

test.each([
  [400, 'rejected', problem.detail],
  [401, 'unauthenticated', problem.detail],
  [403, 'forbidden', problem.detail],
  [404, 'not_found', problem.detail],
  [502, 'unreachable', problem.detail],
  [503, 'busy', problem.detail],
  [500, 'failed', problem.detail],
])('HTTP %d is an error of the kind %s, in the words of the processor', async (code, kind, detail) => {
  server.use(
    http.get(`${PROCESSOR}/api/status`, () =>
      HttpResponse.json({ ...problem, status: code }, { status: code }),
    ),
  )
  const { result } = renderDataHook(() => useStatus())
  await waitFor(() => expect(result.current.error).toBeInstanceOf(AskError))
  expect(result.current.error).toMatchObject({ kind, message: detail })
})

test('no connection is the kind unreachable', async () => {
  server.use(http.get(`${PROCESSOR}/api/status`, () => HttpResponse.error()))
  const { result } = renderDataHook(() => useStatus())
  await waitFor(() => expect(result.current.error).toMatchObject({ kind: 'unreachable' }))
})

test('a verdict is posted as it is, and what showed the incident is read again', async () => {
  const bodies: unknown[] = []
  server.use(
    http.post(`${PROCESSOR}/api/feedback`, async ({ request }) => {
      bodies.push(await request.json())
      return undefined
    }),
  )
  const { result } = renderDataHook(() => ({ incident: useIncident('019c'), feedback: useFeedback() }))
  await waitFor(() => expect(result.current.incident.isSuccess).toBe(true))
  const verdict = { incident_id: '019c', verdict: 'false_positive' as const, note: 'load test' }
  await act(() => result.current.feedback.mutateAsync(verdict))
  expect(bodies).toEqual([verdict])
  await waitFor(() => expect(seen.filter(({ pathname }) => pathname.endsWith('/export'))).toHaveLength(2))
})

test('the report comes as text', async () => {
  const { result } = renderDataHook(() => useReport())
  expect(await act(() => result.current.mutateAsync('019c'))).toBe('# Incident')
})
