import anomalyPage from '@adf/contract/golden/anomaly-page.json'
import entityPage from '@adf/contract/golden/entity-page.json'
import graph from '@adf/contract/golden/graph.json'
import incidentExport from '@adf/contract/golden/incident-export.json'
import incidentPage from '@adf/contract/golden/incident-page.json'
import sloReport from '@adf/contract/golden/slo-report.json'
import status from '@adf/contract/golden/status.json'
import verdict from '@adf/contract/golden/verdict.json'
import { HttpResponse, http } from 'msw'
import type { Send } from '../data/send.ts'

export const PROCESSOR = 'http://processor.test'
const at = (path: string) => `${PROCESSOR}/${path}`

/** A processor that answers with the contract's golden examples. */
export const goldenHandlers = [
  http.get(at('api/incidents'), () => HttpResponse.json(incidentPage)),
  http.get(at('api/incidents/:id/export'), () => HttpResponse.json(incidentExport)),
  http.get(at('api/incidents/:id/report'), () =>
    HttpResponse.text('# Incident', { headers: { 'content-type': 'text/markdown' } }),
  ),
  http.get(at('api/anomalies'), () => HttpResponse.json(anomalyPage)),
  http.get(at('api/entities'), () => HttpResponse.json(entityPage)),
  http.get(at('api/graph'), () => HttpResponse.json(graph)),
  http.get(at('api/status'), () => HttpResponse.json(status)),
  http.get(at('api/slo'), () => HttpResponse.json(sloReport)),
  http.post(at('api/feedback'), () => HttpResponse.json(verdict)),
]

/** Sends by plain fetch, as Grafana's proxy would. */
export const directSend: Send = async ({ method, path, query, body, signal }) => {
  const url = new URL(path, `${PROCESSOR}/`)
  for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value)
  try {
    const response = await fetch(url, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    })
    const text = await response.text()
    const json = response.headers.get('content-type')?.includes('json') ?? false
    return { status: response.status, body: json ? JSON.parse(text) : text }
  } catch (error) {
    if (signal?.aborted) throw error
    return { status: 0, body: String(error) }
  }
}
