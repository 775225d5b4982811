import type { CauseKind, Ranking } from '@adf/contract'
import { describe, expect, it } from 'vitest'
import type { MetricEvidence } from '../rootcause/evidence.ts'
import { rankRootCauses } from '../rootcause/rank.ts'
import { Shop, type Trouble } from './testing/shop.ts'
import { span, T0, testGraph } from './testing/traffic.ts'

const SECOND = 1000
const QUIET = 180 * SECOND

/** Three quiet minutes, then twenty seconds of trouble, four requests a second; judged at the end. */
function rank(seed: number, trouble?: Trouble, metrics: MetricEvidence[] = []): Ranking {
  const test = testGraph()
  const shop = new Shop(seed)
  const end = QUIET + 20 * SECOND
  for (let at = 0; at < end; at += SECOND) {
    const spans = Array.from({ length: 4 }, (_, i) =>
      shop.request(at + i * 250, at >= QUIET ? trouble : undefined),
    ).flat()
    test.send(spans, T0 + at + SECOND)
    test.graph.advance(T0 + at + SECOND)
  }
  return rankRootCauses({
    at: T0 + end,
    evidence: test.graph.evidence(T0 + QUIET, T0 + end),
    metrics,
    hosts: [],
    logs: [],
    rng: () => 0.5,
    top: 5,
  })
}

const KINDS: Readonly<Record<Trouble['fault'], CauseKind>> = {
  latency: 'code',
  error: 'code',
  crash: 'code',
  network: 'network',
  database: 'dependency',
  cpu: 'host',
}

const busy = (service: string): MetricEvidence => ({
  service,
  feature: 'cpu_usage_percent',
  unit: '%',
  value: 99,
  expected: 40,
  strength: 1,
  sinceMs: T0 + QUIET,
})

describe('root causes of trouble in a shop', () => {
  const services = ['web', 'cart', 'ads', 'payment', 'stock']
  const troubles: Trouble[] = [
    ...services.flatMap((service) => (['latency', 'error'] as const).map((fault) => ({ service, fault }))),
    ...services
      .slice(1)
      .flatMap((service) => (['crash', 'network'] as const).map((fault) => ({ service, fault }))),
    ...['cart', 'stock'].map((service) => ({ service, fault: 'database' as const })),
    ...['web', 'cart', 'ads'].map((service) => ({ service, fault: 'cpu' as const })),
  ]
  it.each(troubles)('names $service first for $fault', (trouble) => {
    for (const seed of [1, 2]) {
      const { causes } = rank(seed, trouble, trouble.fault === 'cpu' ? [busy(trouble.service)] : [])
      expect(causes[0]).toMatchObject({ service: trouble.service, kind: KINDS[trouble.fault] })
      expect(causes.reduce((sum, { probability }) => sum + probability, 0)).toBeLessThanOrEqual(1 + 1e-9)
    }
  })

  it('says what it found in words and numbers', () => {
    const [cause] = rank(1, { service: 'payment', fault: 'latency' }).causes
    expect(cause?.evidence[0]).toMatchObject({ kind: 'exclusive_time', subject: 'GET /payment', unit: 'ms' })
    expect(cause?.evidence[0]?.text).toMatch(
      /^exclusive time of GET \/payment is 1\d\d ms, normally [\d.]+ to [\d.]+ ms$/,
    )
    expect(cause?.evidence[0]?.value).toBeGreaterThan(100)
    expect(cause?.evidence[0]?.expected).toBeLessThan(20)
    const crash = rank(1, { service: 'stock', fault: 'crash' }).causes[0]
    expect(crash?.evidence[0]?.text).toMatch(/^share of calls from (cart|ads) that are not answered is 100 %/)
  })

  it('are weighed beside what requests took in the window, where that is most', () => {
    const test = testGraph()
    const served = (service: string, ms: number, at: number) => span({ service, kind: 'server', ms, at })
    test.send([served('web', 5000, 0)], T0 + 6000)
    test.send(
      [served('web', 100, 60_000), served('web', 140, 61_000), served('ads', 30, 61_000)],
      T0 + 62_000,
    )
    expect(test.graph.evidence(T0 + 60_000, T0 + 62_000).waitedMs).toBeCloseTo(240, 6)
  })

  it('names nobody when nothing is wrong', () => {
    for (const seed of [1, 2, 3]) expect(rank(seed).causes).toEqual([])
  })

  it('does not miss calls whose server spans are still on their way', () => {
    const test = testGraph()
    const shop = new Shop(1)
    const end = QUIET + 20 * SECOND
    for (let at = 0; at < end; at += SECOND) {
      const spans = [0, 250, 500, 750].flatMap((ms) => shop.request(at + ms))
      // in the end only `web` has sent its spans
      const came = at < QUIET ? spans : spans.filter(({ resource }) => resource['service.name'] === 'web')
      test.send(came, T0 + at + SECOND)
    }
    const evidence = test.graph.evidence(T0 + QUIET + 15 * SECOND, T0 + end)
    const { causes, none } = rankRootCauses({
      at: T0 + end,
      evidence,
      metrics: [],
      hosts: [],
      logs: [],
      rng: () => 0.5,
      top: 5,
    })
    expect({ causes, none }).toEqual({ causes: [], none: 1 })
  })

  it('shows comparators over all services, whatever it found', () => {
    const { comparators } = rank(1, { service: 'payment', fault: 'latency' })
    for (const list of Object.values(comparators)) expect(list.toSorted()).toEqual(services.toSorted())
    expect(comparators.max_z[0]).toBe('payment')
    // plain PageRank knows nothing of the fault: most called counts most
    expect(comparators.pagerank[0]).toBe('stock')
  })

  it('takes resource metrics as evidence and latency as a symptom only', () => {
    const metric = (service: string, feature: string, strength: number): MetricEvidence => ({
      service,
      feature,
      unit: '%',
      value: 97,
      expected: 20,
      strength,
      sinceMs: T0,
    })
    const { causes } = rank(1, undefined, [
      metric('web', 'latency_p95', 1),
      metric('cart', 'cpu_usage_percent', 0.9),
      metric('cart', 'latency_p95', 0.9),
    ])
    expect(causes.map(({ service }) => service)).toEqual(['cart', 'web'])
    expect(causes[0]?.evidence[0]?.text).toBe('cpu_usage_percent is 97 %, normally 20 %')
  })
})
