// @vitest-environment happy-dom
import anomalyPage from '@adf/contract/golden/anomaly-page.json'
import entityJudgement from '@adf/contract/golden/entity-judgement.json'
import entityPage from '@adf/contract/golden/entity-page.json'
import auditPage from '@adf/contract/golden/federation/audit-page.json'
import auditVerification from '@adf/contract/golden/federation/audit-verification.json'
import federationClientPage from '@adf/contract/golden/federation/federation-client-page.json'
import federationStatus from '@adf/contract/golden/federation/federation-status.json'
import roundPage from '@adf/contract/golden/federation/round-page.json'
import updatePage from '@adf/contract/golden/federation/update-page.json'
import tunedEntityPage from '@adf/contract/golden/feedback/tuned-entity-page.json'
import tunerStatus from '@adf/contract/golden/feedback/tuner-status.json'
import tunerStepPage from '@adf/contract/golden/feedback/tuner-step-page.json'
import whatIf from '@adf/contract/golden/feedback/what-if.json'
import graph from '@adf/contract/golden/graph.json'
import incidentExport from '@adf/contract/golden/incident-export.json'
import incidentPage from '@adf/contract/golden/incident-page.json'
import problem from '@adf/contract/golden/problem.json'
import scoreHistory from '@adf/contract/golden/score-history.json'
import sloReport from '@adf/contract/golden/slo-report.json'
import status from '@adf/contract/golden/status.json'
import thresholdHistory from '@adf/contract/golden/threshold-history.json'
import thresholdPage from '@adf/contract/golden/threshold-page.json'
import { act, cleanup, waitFor } from '@testing-library/react'
import { afterEach, expect, test } from 'vitest'
import { renderDataHook } from '../testing/hook.tsx'
import { goldenProcessor } from '../testing/processor.ts'
import { AskError } from './ask-error.ts'
import { useAnomalies } from './useAnomalies.ts'
import { useDeleteAnomaly } from './useDeleteAnomaly.ts'
import { useEntities } from './useEntities.ts'
import {
  useAudit,
  useAuditProof,
  useFederationClients,
  useFederationStatus,
  useReview,
  useRounds,
  useUpdates,
} from './useFederation.ts'
import { useFeedback, useWithdraw } from './useFeedback.ts'
import { useGraph } from './useGraph.ts'
import { useIncident } from './useIncident.ts'
import { useIncidents } from './useIncidents.ts'
import { useJudgement } from './useJudgement.ts'
import { useReport } from './useReport.ts'
import { useScores } from './useScores.ts'
import { useSlo } from './useSlo.ts'
import { useStatus } from './useStatus.ts'
import { useRollback, useSetThreshold, useThresholdHistory, useThresholds } from './useThresholds.ts'
import { useFreeze, useTunedEntities, useTuner, useTunerSteps, useWhatIf } from './useTuner.ts'

afterEach(cleanup)

const ENTITY = { stream: 'service', entity: 'shop/payment' }
const SUBJECT = { stream: 'service', entity_id: 'shop/payment' }

test.each([
  ['useStatus', () => useStatus(), status],
  ['useGraph', () => useGraph(), graph],
  ['useSlo', () => useSlo(), sloReport],
  ['useIncident', () => useIncident('019c'), incidentExport],
  ['useIncidents', () => useIncidents({ state: 'open' }), incidentPage.items],
  ['useAnomalies', () => useAnomalies({ min_score: '0.5' }), anomalyPage.items],
  ['useThresholds', () => useThresholds({}), thresholdPage],
  ['useThresholdHistory', () => useThresholdHistory({}), thresholdHistory.items],
  ['useScores', () => useScores({ ...ENTITY, from: '2026-03-01T03:00:00Z' }), scoreHistory],
  ['useJudgement', () => useJudgement(ENTITY), entityJudgement],
  ['useTuner', () => useTuner(true), tunerStatus],
  ['useTunedEntities', () => useTunedEntities({}, true), tunedEntityPage.items],
  ['useTunerSteps', () => useTunerSteps({}, true), tunerStepPage.items],
  ['useWhatIf', () => useWhatIf({ ...SUBJECT, threshold: 0.9 }, true), whatIf],
  ['useFederationStatus', () => useFederationStatus(), federationStatus],
  ['useRounds', () => useRounds('service-lstm'), roundPage.items],
  ['useFederationClients', () => useFederationClients(), federationClientPage.items],
  ['useUpdates', () => useUpdates('quarantined'), updatePage.items],
  ['useAudit', () => useAudit(), auditPage.items],
  ['useAuditProof', () => useAuditProof(), auditVerification],
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

test('a verdict is taken back by its id', async () => {
  const { send, requests, answer } = goldenProcessor()
  answer('DELETE api/feedback/7%2F8', () => ({ status: 204, body: '' }))
  const { result } = renderDataHook(send, () => useWithdraw())
  await act(() => result.current.mutateAsync('7/8'))
  expect(requests).toMatchObject([{ method: 'DELETE', path: 'api/feedback/7%2F8' }])
})

test('a deleted anomaly is deleted by its id, and what showed it is read again', async () => {
  const { send, requests, answer } = goldenProcessor()
  answer('DELETE api/anomalies/7', () => ({ status: 204, body: '' }))
  const { result } = renderDataHook(send, () => ({
    anomalies: useAnomalies({}),
    remove: useDeleteAnomaly(),
  }))
  await waitFor(() => expect(result.current.anomalies.isSuccess).toBe(true))
  await act(() => result.current.remove.mutateAsync('7'))
  await waitFor(() => expect(requests.filter(({ path }) => path === 'api/anomalies')).toHaveLength(2))
  answer('DELETE api/anomalies/7', () => ({ status: 404, body: { ...problem, status: 404 } }))
  await act(() => expect(result.current.remove.mutateAsync('7')).rejects.toMatchObject({ kind: 'not_found' }))
})

test('the report comes as text', async () => {
  const { result } = renderDataHook(goldenProcessor().send, () => useReport())
  expect(await act(() => result.current.mutateAsync('019c'))).toBe('# Incident')
})

test('without a webhook nothing is asked of one', async () => {
  const { send, requests } = goldenProcessor()
  const { result } = renderDataHook(send, () => ({ tuner: useTuner(false), status: useStatus() }))
  await waitFor(() => expect(result.current.status.isSuccess).toBe(true))
  expect(requests.map(({ path }) => path)).toEqual(['api/status'])
})

test('a threshold is set as the operator who was looking, and what shows it is read again', async () => {
  const { send, requests, answer } = goldenProcessor()
  const { result } = renderDataHook(send, () => ({ held: useThresholds(ENTITY), set: useSetThreshold() }))
  await waitFor(() => expect(result.current.held.isSuccess).toBe(true))
  const request = { ...SUBJECT, value: 0.9, if_version: 7 }
  await act(() => result.current.set.mutateAsync(request))
  expect(requests.find(({ method }) => method === 'PUT')).toMatchObject({
    path: 'api/thresholds',
    body: { ...request, source: 'operator' },
  })
  const reads = () => requests.filter(({ method, path }) => method === 'GET' && path === 'api/thresholds')
  await waitFor(() => expect(reads()).toHaveLength(2))
  // Somebody was faster: what they set is to be seen.
  answer('PUT api/thresholds', () => ({ status: 409, body: { ...problem, status: 409, code: 'conflict' } }))
  await act(() => expect(result.current.set.mutateAsync(request)).rejects.toMatchObject({ kind: 'rejected' }))
  await waitFor(() => expect(reads()).toHaveLength(3))
})

test('changes are taken back, and the tuner is frozen, by requests of their own', async () => {
  const { send, requests } = goldenProcessor()
  const { result } = renderDataHook(send, () => ({ rollback: useRollback(), freeze: useFreeze() }))
  await act(() => result.current.rollback.mutateAsync({ ...SUBJECT, to_version: 6 }))
  await act(() => result.current.freeze.mutateAsync({ ...SUBJECT, frozen: true }))
  expect(requests.map(({ method, path, body }) => [method, path, body])).toEqual([
    ['POST', 'api/thresholds/rollback', { ...SUBJECT, to_version: 6 }],
    ['PUT', 'webhook/api/tuner/freeze', { ...SUBJECT, frozen: true }],
  ])
})

test.each(['release', 'reject'] as const)(
  'a review posts the reason to %s, and reads what it changed again',
  async (decision) => {
    const { send, requests, answer } = goldenProcessor()
    const { result } = renderDataHook(send, () => ({ held: useUpdates('quarantined'), review: useReview() }))
    await waitFor(() => expect(result.current.held.isSuccess).toBe(true))
    const review = { id: '7', decision, note: 'a drill of ours', reviewer: 'ada' }
    await act(() => result.current.review.mutateAsync(review))
    expect(requests.find(({ method }) => method === 'POST')).toMatchObject({
      path: `federation/api/updates/7/${decision}`,
      body: { note: 'a drill of ours', reviewer: 'ada' },
    })
    const reads = () => requests.filter(({ path }) => path === 'federation/api/updates')
    await waitFor(() => expect(reads()).toHaveLength(2))
    // Somebody was faster.
    answer(`POST federation/api/updates/7/${decision}`, () => ({
      status: 409,
      body: { ...problem, status: 409 },
    }))
    await act(() =>
      expect(result.current.review.mutateAsync(review)).rejects.toMatchObject({ kind: 'rejected' }),
    )
    await waitFor(() => expect(reads()).toHaveLength(3))
  },
)
