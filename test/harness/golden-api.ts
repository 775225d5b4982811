import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import anomalyPage from '@adf/contract/golden/anomaly-page.json' with { type: 'json' }
import entityPage from '@adf/contract/golden/entity-page.json' with { type: 'json' }
import feedbackStatus from '@adf/contract/golden/feedback/feedback-status.json' with { type: 'json' }
import golden from '@adf/contract/golden/graph.json' with { type: 'json' }
import incidentExport from '@adf/contract/golden/incident-export.json' with { type: 'json' }
import incidentPage from '@adf/contract/golden/incident-page.json' with { type: 'json' }
import sloReport from '@adf/contract/golden/slo-report.json' with { type: 'json' }
import status from '@adf/contract/golden/status.json' with { type: 'json' }

interface Answer {
  readonly status?: number
  readonly body: unknown
  /** Before it is given. */
  readonly delayMs?: number
}

/** What a request to `METHOD /path` gets. @param query of its address */
type Answering = (query: URLSearchParams) => Answer

/** The id of the incident that it knows. */
export const GOLDEN_INCIDENT = incidentExport.incident.id

/** An API that answers over HTTP as the contract's examples do, as of now, until it is told to answer otherwise: for what a processor that is well never does. */
export async function startGoldenApi() {
  const now = () => ({ ...status, at: new Date().toISOString() })
  const as = (body: unknown): Answering => {
    return () => ({ body })
  }
  const usual: Readonly<Record<string, Answering>> = {
    'GET /api/status': () => ({ body: now() }),
    'GET /api/incidents': as(incidentPage),
    [`GET /api/incidents/${GOLDEN_INCIDENT}/export`]: as(incidentExport),
    'GET /api/anomalies': as(anomalyPage),
    'GET /api/entities': as(entityPage),
    'GET /api/slo': as(sloReport),
    'GET /api/graph': as(golden),
    'GET /webhook/api/status': as(feedbackStatus),
  }
  const answers = new Map(Object.entries(usual))
  const asked: string[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://127.0.0.1')
    const route = `${request.method} ${url.pathname}`
    asked.push(`${route}${url.search}`)
    const found = answers.get(route)?.(url.searchParams) ?? {
      status: 404,
      body: problem(404, 'not_found', 'there is no such thing'),
    }
    setTimeout(() => {
      response.writeHead(found.status ?? 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(found.body))
    }, found.delayMs ?? 0)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    /** Requests so far. */
    asked: asked as readonly string[],
    /** From now on, instead of the example. */
    answer: (route: string, answering: Answering) => void answers.set(route, answering),
    /** As at first. */
    reset: () => {
      answers.clear()
      for (const [route, answering] of Object.entries(usual)) answers.set(route, answering)
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** As the services word it. */
export const problem = (status: number, code: string, detail: string) => ({
  type: 'about:blank',
  title: code,
  status,
  code,
  detail,
})
