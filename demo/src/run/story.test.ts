import { EntityPage, Graph, Incident } from '@adf/contract'
import { expect, test } from 'vitest'
import entities from '../../../packages/contract/src/golden/entity-page.json' with { type: 'json' }
import graph from '../../../packages/contract/src/golden/graph.json' with { type: 'json' }
import golden from '../../../packages/contract/src/golden/incident.json' with { type: 'json' }
import { addressesText, clock, incidentText, nextSteps } from './story.ts'
import { stateLine, statesOf, stateTable } from './table.ts'
import { bareName, causesOf, isKindRight, isOfShop, isRight } from './trial.ts'

const incident = Incident.parse(golden)
const plain = (_format: unknown, text: string) => text

test('the incident begins with its answer and goes on with who suffers, causes and evidence', () => {
  const text = incidentText(incident, plain)
  const lines = text.trim().split('\n')
  expect(lines[0]).toBe(`INCIDENT since ${clock(Date.parse(incident.started_at))}: ${incident.title}`)
  expect(lines[1]).toBe('1 service suffers from it: checkout.')
  expect(lines[2]).toBe('May suffer next, since they call it: frontend.')
  expect(text).toMatch(
    /1 {2}payment +█{17}·{3} 87 % {2}\w+\n +exclusive time of POST \/pay is 840 ms, normally 95 to 130 ms/,
  )
  expect(text).toMatch(/2 {2}database:postgres/)
  expect(text).toContain('random: cart; largest deviation: payment; plain PageRank: frontend')
  expect(text).toContain('4bf92f3577b34da6a3ce929d0e0e4736')
})

test('an incident without causes or traces is told too', () => {
  const comparators = { random: [], max_z: [], pagerank: [] }
  const caller = { ...incident, services: [], blast_radius: ['shop/frontend'] }
  expect(incidentText(caller, plain)).toContain('May suffer next, since they call it: frontend.')
  expect(incidentText(caller, plain)).not.toContain('suffers from it')
  const bare = { ...incident, causes: [], trace_ids: [], services: [], blast_radius: [], comparators }
  expect(incidentText(bare, plain)).not.toMatch(/undefined|suffer|Traces|other methods/)
})

test('causes are compared by name, whatever their namespace', () => {
  expect(causesOf(incident)).toEqual(['payment', 'database:postgres'])
  expect(bareName('cart')).toBe('cart')
  const result = {
    service: 'payment',
    fault: 'latency',
    kind: 'code',
    probability: 0.9,
    detected_after_s: 1,
    alerted_after_s: null,
  } as const
  expect(isRight({ ...result, top: causesOf(incident) })).toBe(true)
  expect(isRight({ ...result, top: ['cart', 'payment'] })).toBe(false)
  expect(isRight({ ...result, top: [] })).toBe(false)
  expect(isKindRight({ ...result, top: [] })).toBe(true)
  expect(isKindRight({ ...result, top: [], kind: 'network' })).toBe(false)
  expect(isKindRight({ ...result, top: [], kind: null })).toBe(false)
})

test('the table marks what is anomalous in shape and word, and says nothing of what is not known', () => {
  const states = statesOf(['payment', 'nowhere'], Graph.parse(graph), EntityPage.parse(entities).items)
  const table = stateTable(
    states.map((state) => (state.service === 'payment' ? { ...state, score: 0.9, threshold: 0.8 } : state)),
    plain,
  )
  expect(table[1]).toMatch(/^payment .*0\.90 {2}▲ anomalous$/)
  expect(table[2]).toMatch(/^nowhere( +–){4}$/)
  expect(table.join()).not.toContain('NaN')
})

test('one line says what stands out', () => {
  const normal = { service: 'cart', rate: 12.34, errorRate: 0, p95: 9, score: 0.1, threshold: 0.8 }
  expect(stateLine([normal])).toBe('12.3 requests/s; all 1 services normal')
  expect(stateLine([normal, { ...normal, service: 'payment', score: 0.91 }])).toBe(
    '12.3 requests/s; anomalous: payment (0.91)',
  )
})

test('the next step is a collector configuration with the port that is really used', () => {
  expect(nextSteps('http://127.0.0.1:8081', 14317)).toMatch(
    /http:\/\/127.0.0.1:8081\/docs[\s\S]*endpoint: 127.0.0.1:14317/,
  )
})

test('it is said where everything is, and nothing of what is not there', () => {
  const processor = { api: 'http://127.0.0.1:1', grpcPort: 2, httpPort: 3, webhook: 'http://127.0.0.1:4' }
  const shortest = addressesText({ ...processor, console: undefined })
  expect(shortest.split('\n')).toEqual([
    'API: http://127.0.0.1:1   documentation: http://127.0.0.1:1/docs',
    'Telemetry of your own: OTLP over gRPC at 127.0.0.1:2, over HTTP at http://127.0.0.1:3',
    'Verdicts and thresholds: http://127.0.0.1:4/docs (the Alertmanager webhook)',
  ])
  const federation = {
    url: 'http://127.0.0.1:6',
    branches: [{ name: 'branch-1', api: 'http://127.0.0.1:7' }],
  }
  const all = addressesText({ ...processor, console: 'http://127.0.0.1:5' }, 'http://127.0.0.1:9', federation)
  expect(all.split('\n')).toEqual([
    ...shortest.split('\n').toSpliced(2, 0, 'Pages to look at: http://127.0.0.1:5'),
    'Alerts go to the Alertmanager at http://127.0.0.1:9',
    'Federation server: http://127.0.0.1:6/docs   sites: this one, branch-1 (http://127.0.0.1:7)',
  ])
})

test('an incident without services and causes is not of the shop', () => {
  expect(isOfShop(incident)).toBe(true)
  expect(isOfShop({ ...incident, services: [] })).toBe(true)
  expect(isOfShop({ ...incident, services: [], causes: [] })).toBe(false)
})
