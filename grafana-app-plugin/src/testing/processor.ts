import anomalyPage from '@adf/contract/golden/anomaly-page.json'
import entityJudgement from '@adf/contract/golden/entity-judgement.json'
import entityPage from '@adf/contract/golden/entity-page.json'
import auditPage from '@adf/contract/golden/federation/audit-page.json'
import auditVerification from '@adf/contract/golden/federation/audit-verification.json'
import federationClientPage from '@adf/contract/golden/federation/federation-client-page.json'
import federationStatus from '@adf/contract/golden/federation/federation-status.json'
import roundPage from '@adf/contract/golden/federation/round-page.json'
import update from '@adf/contract/golden/federation/update.json'
import updatePage from '@adf/contract/golden/federation/update-page.json'
import feedbackStatus from '@adf/contract/golden/feedback/feedback-status.json'
import tunedEntityPage from '@adf/contract/golden/feedback/tuned-entity-page.json'
import tunerStatus from '@adf/contract/golden/feedback/tuner-status.json'
import tunerStepPage from '@adf/contract/golden/feedback/tuner-step-page.json'
import whatIf from '@adf/contract/golden/feedback/what-if.json'
import graph from '@adf/contract/golden/graph.json'
import incidentExport from '@adf/contract/golden/incident-export.json'
import incidentPage from '@adf/contract/golden/incident-page.json'
import scoreHistory from '@adf/contract/golden/score-history.json'
import sloReport from '@adf/contract/golden/slo-report.json'
import status from '@adf/contract/golden/status.json'
import threshold from '@adf/contract/golden/threshold.json'
import thresholdHistory from '@adf/contract/golden/threshold-history.json'
import thresholdPage from '@adf/contract/golden/threshold-page.json'
import thresholdRollbackAnswer from '@adf/contract/golden/threshold-rollback-answer.json'
import verdict from '@adf/contract/golden/verdict.json'
import type { Reply, Request, Send } from '../data/send.ts'

type Handler = (request: Request) => Reply | Promise<Reply>

const ok = (body: unknown): Handler => {
  return () => ({ status: 200, body: structuredClone(body) })
}

/** By method and path, as the pages ask for them. */
const GOLDEN: Readonly<Record<string, Handler>> = {
  'GET api/incidents': ok(incidentPage),
  'GET api/incidents/019c/export': ok(incidentExport),
  'GET api/incidents/019c/report': ok('# Incident'),
  'GET api/anomalies': ok(anomalyPage),
  'GET api/entities': ok(entityPage),
  'GET api/graph': ok(graph),
  'GET api/status': ok(status),
  'GET api/slo': ok(sloReport),
  'GET api/scores': ok(scoreHistory),
  'GET api/judgement': ok(entityJudgement),
  'GET api/thresholds': ok(thresholdPage),
  'PUT api/thresholds': ok(threshold),
  'GET api/thresholds/history': ok(thresholdHistory),
  'POST api/thresholds/rollback': ok(thresholdRollbackAnswer),
  'POST api/feedback': ok(verdict),
  'GET webhook/api/status': ok(feedbackStatus),
  'GET webhook/api/tuner': ok(tunerStatus),
  'GET webhook/api/tuner/entities': ok(tunedEntityPage),
  'GET webhook/api/tuner/steps': ok(tunerStepPage),
  'PUT webhook/api/tuner/freeze': ok(tunerStatus),
  'POST webhook/api/tuner/what-if': ok(whatIf),
  'GET federation/api/status': ok(federationStatus),
  'GET federation/api/runs/service-lstm/rounds': ok(roundPage),
  'GET federation/api/clients': ok(federationClientPage),
  'GET federation/api/updates': ok(updatePage),
  'POST federation/api/updates/7/release': ok(update),
  'POST federation/api/updates/7/reject': ok(update),
  'GET federation/api/audit': ok(auditPage),
  'GET federation/api/audit/verification': ok(auditVerification),
}

export interface GoldenProcessor {
  readonly send: Send
  /** What was asked so far. */
  readonly requests: readonly Request[]
  /** From now on this answers requests to `METHOD path`. */
  answer(route: string, handler: Handler): void
}

/** A processor, a webhook and a federation server that answer with the contract's golden examples; what is in no contract is not found. */
export function goldenProcessor(): GoldenProcessor {
  const requests: Request[] = []
  const handlers = new Map(Object.entries(GOLDEN))
  return {
    requests,
    answer: (route, handler) => handlers.set(route, handler),
    send: async (request) => {
      requests.push(request)
      const handler = handlers.get(`${request.method} ${request.path}`)
      return handler === undefined ? { status: 404, body: 'no such route' } : handler(request)
    },
  }
}
