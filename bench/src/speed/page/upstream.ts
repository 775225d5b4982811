import { createServer } from 'node:http'
import anomalyPage from '@adf/contract/golden/anomaly-page.json' with { type: 'json' }
import entityPage from '@adf/contract/golden/entity-page.json' with { type: 'json' }
import incidentExport from '@adf/contract/golden/incident-export.json' with { type: 'json' }
import incidentPage from '@adf/contract/golden/incident-page.json' with { type: 'json' }
import sloReport from '@adf/contract/golden/slo-report.json' with { type: 'json' }
import status from '@adf/contract/golden/status.json' with { type: 'json' }
import { meshOf } from './mesh.ts'

const SERVICES = 500

/** An API that answers at once, with the contract's examples and a graph of 500 services: what is measured is the pages alone. */
export async function startUpstream(): Promise<{ url: string; stop(): Promise<void> }> {
  const answers: Readonly<Record<string, string>> = {
    '/api/status': JSON.stringify(status),
    '/api/incidents': JSON.stringify(incidentPage),
    [`/api/incidents/${incidentExport.incident.id}/export`]: JSON.stringify(incidentExport),
    '/api/anomalies': JSON.stringify(anomalyPage),
    '/api/entities': JSON.stringify(entityPage),
    '/api/slo': JSON.stringify(sloReport),
    '/api/graph': JSON.stringify(meshOf(SERVICES)),
  }
  const server = createServer((request, response) => {
    const answer = answers[(request.url ?? '').split('?')[0] ?? '']
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(answer ?? '{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the upstream has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** An incident that the upstream knows. */
export const INCIDENT = incidentExport.incident.id
