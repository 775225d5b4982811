// @vitest-environment happy-dom
import anomalyPage from '@adf/contract/golden/anomaly-page.json'
import entityPage from '@adf/contract/golden/entity-page.json'
import graph from '@adf/contract/golden/graph.json'
import incidentExport from '@adf/contract/golden/incident-export.json'
import incidentPage from '@adf/contract/golden/incident-page.json'
import problem from '@adf/contract/golden/problem.json'
import sloReport from '@adf/contract/golden/slo-report.json'
import status from '@adf/contract/golden/status.json'
import { act, cleanup, waitFor } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { renderDataHook } from '../testing/hook.tsx'
import { goldenProcessor } from '../testing/processor.ts'
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

afterEach(cleanup)

test.each([
  ['useStatus', () => useStatus(), status],
  ['useGraph', () => useGraph(), graph],
  ['useSlo', () => useSlo(), sloReport],
  ['useIncident', () => useIncident('019c'), incidentExport],
  ['useIncidents', () => useIncidents({ state: 'open' }), incidentPage.items],
  ['useAnomalies', () => useAnomalies({ min_score: '0.5' }), anomalyPage.items],
  ['useEntities', () => useEntities(), { items: entityPage.items, complete: true }],
])('%s gives what the processor says', async (_name, hook, expected) => {
  const { result } = renderDataHook<{ data: unknown }>(goldenProcessor().send, hook)
  await waitFor(() => expect(result.current.data).toBeDefined())
  expect(result.current.data).toEqual(expected)
})

test('filters that are not set are left out of the query', async () => {
  const { send, requests } = goldenProcessor()
  const { result } = renderDataHook(send, () => useAnomalies({ stream: 'host', entity: '', limit: 20 }))
  await waitFor(() => expect(result.current.isSuccess).toBe(true))
  expect(requests.map(({ query }) => query)).toEqual([{ stream: 'host', limit: '20' }])
})

test('entities are read to their last page', async () => {
  const { send, requests, answer } = goldenProcessor()
  answer('GET api/entities', ({ query }) => ({
    status: 200,
    body: { ...entityPage, next_cursor: query?.['cursor'] === undefined ? 'more' : null },
  }))
  const { result } = renderDataHook(send, () => useEntities({ service: 'shop/pay ment' }))
  await waitFor(() => expect(result.current.isSuccess).toBe(true))
  expect(result.current.data?.items).toHaveLength(2 * entityPage.items.length)
  expect(requests.at(-1)?.query).toMatchObject({ service: 'shop/pay ment', cursor: 'more' })
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
  const { send, answer } = goldenProcessor()
  answer('GET api/status', () => ({ status: code, body: { ...problem, status: code } }))
  const { result } = renderDataHook(send, () => useStatus())
  await waitFor(() => expect(result.current.error).toBeInstanceOf(AskError))
  expect(result.current.error).toMatchObject({ kind, message: detail })
})

test('no connection is the kind unreachable', async () => {
  const { send, answer } = goldenProcessor()
  answer('GET api/status', () => ({ status: 0, body: 'connection refused' }))
  const { result } = renderDataHook(send, () => useStatus())
  await waitFor(() => expect(result.current.error).toMatchObject({ kind: 'unreachable' }))
})

test('a verdict is posted as it is, and what showed the incident is read again', async () => {
  const { send, requests } = goldenProcessor()
  const { result } = renderDataHook(send, () => ({ incident: useIncident('019c'), feedback: useFeedback() }))
  await waitFor(() => expect(result.current.incident.isSuccess).toBe(true))
  const verdict = { incident_id: '019c', verdict: 'false_positive' as const, note: 'load test' }
  await act(() => result.current.feedback.mutateAsync(verdict))
  expect(requests.find(({ method }) => method === 'POST')).toMatchObject({
    path: 'api/feedback',
    body: verdict,
  })
  await waitFor(() => expect(requests.filter(({ path }) => path.endsWith('/export'))).toHaveLength(2))
})

test('the report comes as text', async () => {
  const { result } = renderDataHook(goldenProcessor().send, () => useReport())
  expect(await act(() => result.current.mutateAsync('019c'))).toBe('# Incident')
})
