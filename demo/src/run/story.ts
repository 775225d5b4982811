import type { Incident } from '@adf/contract'
import type { Style } from './table.ts'
import { bareName } from './trial.ts'

const MAX_CAUSES = 3
const MAX_EVIDENCE = 3

/** The incident in the order in which a tired person needs it: the answer, who suffers, the causes with their evidence. */
export function incidentText(incident: Incident, style: Style): string {
  const [first] = incident.causes
  const others = (services: readonly string[]) =>
    services.map(bareName).filter((name) => name !== bareName(first?.service ?? ''))
  const suffering = others(incident.services)
  const callers = others(incident.blast_radius).filter((name) => !suffering.includes(name))
  const lines = [
    '',
    style('bold', `INCIDENT since ${clock(Date.parse(incident.started_at))}: ${incident.title}`),
  ]
  if (suffering.length > 0)
    lines.push(
      `${count(suffering.length, 'service suffers', 'services suffer')} from it: ${suffering.join(', ')}.`,
    )
  if (callers.length > 0) lines.push(`May suffer next, since they call it: ${callers.join(', ')}.`)
  lines.push('', 'Causes:')
  for (const [rank, cause] of incident.causes.slice(0, MAX_CAUSES).entries()) {
    lines.push(
      `  ${rank + 1}  ${bareName(cause.service).padEnd(14)} ${bar(cause.probability)} ${percent(cause.probability)}  ${cause.kind}`,
    )
    for (const { text } of cause.evidence.slice(0, MAX_EVIDENCE)) lines.push(style('dim', `       ${text}`))
  }
  const { random, max_z, pagerank } = incident.comparators
  const firsts = Object.entries({ random, 'largest deviation': max_z, 'plain PageRank': pagerank })
    .filter(([, names]) => names[0] !== undefined)
    .map(([method, names]) => `${method}: ${bareName(names[0] ?? '')}`)
  if (firsts.length > 0) lines.push(style('dim', `  other methods would say: ${firsts.join('; ')}`))
  const [trace] = incident.trace_ids
  if (trace) lines.push(`Traces to look at: ${incident.trace_ids.slice(0, 3).join(', ')}`)
  lines.push('')
  return lines.join('\n')
}

/** Local time of day, as on the reader's wall. */
export function clock(ms: number): string {
  return new Date(ms).toTimeString().slice(0, 8)
}

interface ProcessorAddresses {
  readonly api: string
  readonly grpcPort: number
  readonly httpPort: number
  readonly console: string | undefined
  readonly webhook: string
}

interface FederationAddresses {
  readonly url: string
  readonly branches: readonly { readonly name: string; readonly api: string }[]
}

/** Where everything is, a line each. */
export function addressesText(
  { api, grpcPort, httpPort, console, webhook }: ProcessorAddresses,
  alertmanager?: string,
  federation?: FederationAddresses,
): string {
  const lines = [
    `API: ${api}   documentation: ${api}/docs`,
    `Telemetry of your own: OTLP over gRPC at 127.0.0.1:${grpcPort}, over HTTP at http://127.0.0.1:${httpPort}`,
  ]
  if (console !== undefined) lines.push(`Pages to look at: ${console}`)
  lines.push(`Verdicts and thresholds: ${webhook}/docs (the Alertmanager webhook)`)
  if (alertmanager !== undefined) lines.push(`Alerts go to the Alertmanager at ${alertmanager}`)
  if (federation !== undefined) {
    const branches = federation.branches.map(({ name, api: own }) => `${name} (${own})`)
    lines.push(`Federation server: ${federation.url}/docs   sites: this one, ${branches.join(', ')}`)
  }
  return lines.join('\n')
}

/** What to do after the demo. */
export function nextSteps(api: string, grpcPort: number): string {
  return `
It goes on until Ctrl-C. Look at
  ${api}/docs             all endpoints
  ${api}/api/incidents    incidents with their causes
  ${api}/api/graph        the causal graph

Events of a stream: adf simulate --stream transactions --url ${api}

Your own services: run \`adf up\` and give your OpenTelemetry Collector a second exporter on its pipelines:
  exporters:
    otlp/adf:
      endpoint: 127.0.0.1:${grpcPort}
      tls: { insecure: true }
  service:
    pipelines:
      traces:  { exporters: [otlp/adf] }   # beside those that you have
      metrics: { exporters: [otlp/adf] }
      logs:    { exporters: [otlp/adf] }
`
}

const percent = (share: number) => `${Math.round(100 * share)} %`
const count = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`

function bar(share: number): string {
  const width = Math.round(20 * share)
  return '█'.repeat(width) + '·'.repeat(20 - width)
}
