import anomalyPage from '@adf/contract/golden/anomaly-page.json'
import entityPage from '@adf/contract/golden/entity-page.json'
import graph from '@adf/contract/golden/graph.json'
import incidentExport from '@adf/contract/golden/incident-export.json'
import incidentPage from '@adf/contract/golden/incident-page.json'
import problem from '@adf/contract/golden/problem.json'
import scoreHistory from '@adf/contract/golden/score-history.json'
import sloReport from '@adf/contract/golden/slo-report.json'
import stats from '@adf/contract/golden/stats.json'
import status from '@adf/contract/golden/status.json'
import thresholdHistory from '@adf/contract/golden/threshold-history.json'
import thresholdPage from '@adf/contract/golden/threshold-page.json'
import { HttpResponse, http } from 'msw'
import type { Send } from '../data/send.ts'

/** Where the processor of the tests is. */
export const PROCESSOR = 'http://adf.test'

const golden = (path: string, body: object) => http.get(`${PROCESSOR}${path}`, () => HttpResponse.json(body))

/** A processor that answers over HTTP with the contract's golden examples; an unknown incident it does not have. */
export const handlers = [
  golden('/api/status', status),
  golden('/api/stats', stats),
  golden('/api/graph', graph),
  golden('/api/slo', sloReport),
  golden('/api/incidents', incidentPage),
  golden('/api/anomalies', anomalyPage),
  golden('/api/entities', entityPage),
  golden('/api/thresholds', thresholdPage),
  golden('/api/thresholds/history', thresholdHistory),
  golden('/api/scores', scoreHistory),
  http.get(`${PROCESSOR}/api/incidents/:id/export`, ({ params }) =>
    params['id'] === 'none' ? HttpResponse.json(problem, { status: 404 }) : HttpResponse.json(incidentExport),
  ),
]

/** Requests as they leave a program without Grafana. */
export const processorSend: Send = async ({ method, path, query }) => {
  const response = await fetch(`${PROCESSOR}/${path}?${new URLSearchParams({ ...query })}`, { method })
  return { status: response.status, body: await response.json() }
}
