import { type PlainSpan, SpanKind, TraceAnalysis } from '@adf/processor'

const T0 = Date.parse('2026-03-01T03:00:00Z')

// A request through three services: web calls checkout, which calls payment. Two each second; from the fifth minute on payment is slow.
let ids = 0
const id = (digits: number) => (++ids).toString(16).padStart(digits, '0')
function request(startMs: number): PlainSpan[] {
  const traceId = id(32)
  const [web, call, checkout, pay, payment] = [id(16), id(16), id(16), id(16), id(16)]
  const ms = startMs < T0 + 240_000 ? 20 + (ids % 7) : 400
  const span = (
    service: string,
    spanId: string,
    name: string,
    kind: number,
    at: number,
    durationMs: number,
  ) => ({
    ...{ resource: { 'service.name': service }, traceId, spanId, name, kind },
    ...{ startMs: startMs + at, durationMs },
  })
  return [
    span('web', web, 'GET /buy', SpanKind.server, 0, ms + 30),
    { ...span('web', call, 'POST', SpanKind.client, 5, ms + 20), parentSpanId: web },
    { ...span('checkout', checkout, 'POST /checkout', SpanKind.server, 6, ms + 18), parentSpanId: call },
    { ...span('checkout', pay, 'POST', SpanKind.client, 10, ms + 4), parentSpanId: checkout },
    { ...span('payment', payment, 'POST /pay', SpanKind.server, 12, ms), parentSpanId: pay },
  ]
}

// Build a graph from traces …
const analysis = new TraceAnalysis()
for (let at = 0; at < 300_000; at += 500) analysis.add(request(T0 + at))
export const calls = analysis.graph().edges.map(({ client, server }) => `${client} -> ${server}`)

// … mark services anomalous, by what something else found …
const sinceMs = T0 + 240_000
analysis.markAnomalous({
  service: 'web',
  feature: 'latency_p95',
  unit: 'ms',
  value: 430,
  expected: 56,
  sinceMs,
})

// … analyse, and read the ranked causes with their impact.
export const { causes, none } = analysis.analyse({ fromMs: sinceMs })
export const [first] = causes // { service: 'payment', probability: 0.8, kind: 'code', evidence: [{ text: 'exclusive time of …' }], … }
export const impact = first?.impact // ['checkout', 'web']: who calls it, directly or not
