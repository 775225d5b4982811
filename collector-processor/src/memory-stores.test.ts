import { seeded } from '@adf/detectors'
import { Registry } from 'prom-client'
import { afterEach, expect, it } from 'vitest'
import { Config } from './config.ts'
import { scoringOptions } from './engine-options.ts'
import { memoryStores, roomInFlight } from './memory-stores.ts'
import { Pipeline } from './pipeline.ts'
import { Admission } from './receiver/admission.ts'
import { ScoringEngine } from './scoring/engine.ts'
import { MemoryStates } from './scoring/testing/engine.ts'
import { MemoryThresholds } from './scoring/testing/thresholds.ts'
import { type PlainSpan, SpanBatchBuilder } from './telemetry/span-builder.ts'
import { createTables } from './telemetry/tables.ts'

const T0 = Date.parse('2026-03-01T03:00:00Z')
const STEPS = 240
/** The bomb begins once the known services are judged. */
const BOMB = 120
const NAMES_A_STEP = 150
const SHED_AT = 180
const KNOWN = ['front', 'cart', 'payment'] as const
const config = Config.parse({
  edge: {
    max_entities: 60,
    detection: { warm_up: 50, settle: 0, detectors: ['robust'], rerank: 'none' },
  },
  graph: { max_nodes: 80, max_edges: 200, max_operations: 20, max_pending_spans: 16_384 },
})
const LIMITS = { max_strings: 2000, max_resources: 200, max_services: 100 }

const running: ScoringEngine[] = []
afterEach(async () => {
  for (const engine of running.splice(0)) await engine.stop()
})

const hex = (n: number, digits: number) => n.toString(16).padStart(digits, '0')

/** Twenty traces through the shop that end in the second before `nowMs`; late in it payment is slow. */
function usualSpans(step: number, nowMs: number, rng: () => number): PlainSpan[] {
  return Array.from({ length: 20 * KNOWN.length }, (_, i) => {
    const [call, at] = [Math.floor(i / KNOWN.length), i % KNOWN.length]
    const name = KNOWN[at] ?? ''
    const durationMs = 20 + 5 * at + 10 * rng() + (step >= 210 && at === 2 ? 200 : 0)
    return {
      resource: { 'service.name': name, 'service.instance.id': 'one' },
      traceId: hex(step * 20 + call + 1, 32),
      spanId: hex(at + 1, 16),
      ...(at > 0 && { parentSpanId: hex(at, 16) }),
      name: `GET /${name}`,
      kind: 2,
      startMs: nowMs - durationMs - call,
      durationMs,
    }
  })
}

/** A hundred new services, as many new instances of a known one, and new routes of it. */
function bombSpans(step: number, nowMs: number): PlainSpan[] {
  return Array.from({ length: NAMES_A_STEP }, (_, i) => {
    const name = step * NAMES_A_STEP + i
    const kind = i % 3
    return {
      resource: {
        'service.name': kind === 0 ? `bomb-${name}` : 'front',
        'service.instance.id': kind === 1 ? `pod-${name}` : 'one',
      },
      traceId: hex(0xb0000000 + name, 32),
      spanId: hex(9, 16),
      name: kind === 2 ? `GET /orders/${name}` : 'GET /',
      kind: kind === 2 ? 1 : 2,
      startMs: nowMs - 30,
      durationMs: 20,
    }
  })
}

/** The shop for so many steps, with or without a flood of names that come once; what each step said of its services. */
async function run(options: { bomb: boolean; shed: boolean; steps?: number }) {
  const registry = new Registry()
  const tables = createTables(LIMITS, registry)
  const scoring = new ScoringEngine(scoringOptions(config, 'inline'), {
    registry,
    states: new MemoryStates(),
    thresholds: new MemoryThresholds(),
    warn: () => {},
  })
  await scoring.start()
  running.push(scoring)
  const anomalies: string[] = []
  let nowMs = T0
  const pipeline = new Pipeline({
    config,
    clock: () => nowMs,
    rng: () => 0.5,
    newId: () => 'id',
    registry,
    scoring,
    outputs: {
      anomaly: ({ entity }) => anomalies.push(entity.id),
      joined() {},
      happened() {},
      incident() {},
      left() {},
      failed(error) {
        throw error
      },
    },
  })
  const stores = memoryStores({
    pipeline,
    extractors: () => [pipeline.features],
    scoring,
    receiver: { resources: tables.resources, admission: new Admission(1000) },
    history: { dropped: 0, shed() {} },
    maxInFlight: 1000,
  })
  const all = [...stores.exemplars, ...stores.history, ...stores.entities]
  const rng = seeded(7)
  const scores: (number | null | undefined)[][] = []
  const batch = new SpanBatchBuilder(tables)
  for (let step = 0; step < (options.steps ?? STEPS); step++) {
    nowMs = T0 + step * 1000
    batch.reset()
    const spans = usualSpans(step, nowMs, rng)
    if (options.bomb && step >= BOMB) spans.push(...bombSpans(step, nowMs))
    for (const span of spans) batch.add(span)
    if (options.shed && step === SHED_AT) for (const store of all) store.shed(true)
    if (options.shed && step > SHED_AT && step % 10 === 0)
      for (const store of stores.entities) store.giveUpNewest(1 / 16, 'all')
    pipeline.spans(batch.batch, nowMs)
    pipeline.advance(nowMs)
    // What is read from the store is there with the next turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve))
    scores.push(KNOWN.map((name) => scoring.inspect('service', `${name}/one`)?.score))
  }
  const dropped = (of: readonly { readonly dropped: number }[]) =>
    of.reduce((sum, one) => sum + one.dropped, 0)
  return { scores, anomalies, pipeline, stores, dropped, registry, scoring }
}

it('of those that are not judged yet none that is judged is forgotten', async () => {
  const { stores, scoring, pipeline } = await run({ bomb: true, shed: false, steps: BOMB + 20 })
  const known = () => KNOWN.filter((name) => scoring.judges(`${name}/one`))
  expect(known()).toEqual(KNOWN)
  const before = pipeline.features.entities().length
  for (let i = 0; i < 100; i++) for (const store of stores.entities) store.giveUpNewest(1, 'learning')
  expect(pipeline.features.entities().length).toBeLessThan(before)
  expect(known()).toEqual(KNOWN)
  for (const store of stores.entities) store.giveUpNewest(1, 'all')
  expect([known(), pipeline.features.entities()]).toEqual([[], []])
})

it('a flood of names changes no score of who was known, shedding or not, to the last bit', async () => {
  const alone = await run({ bomb: false, shed: false })
  expect(alone.scores.at(BOMB)?.every((score) => typeof score === 'number')).toBe(true)
  expect(alone.anomalies).toContain('payment/one')
  const known = ({ anomalies }: typeof alone) =>
    anomalies.filter((id) => !id.startsWith('bomb') && !id.includes('pod'))
  for (const shed of [false, true]) {
    const bombed = await run({ bomb: true, shed })
    expect(bombed.scores).toEqual(alone.scores)
    expect(known(bombed)).toEqual(known(alone))
    expect(bombed.scoring.counts().total).toBeLessThanOrEqual(config.edge.max_entities)
    const limited = await bombed.registry.getSingleMetric('adf_resources_limited_total')?.get()
    expect(limited?.values.reduce((sum, { value }) => sum + value, 0)).toBeGreaterThan(NAMES_A_STEP * 30)
    if (!shed) continue
    expect(bombed.dropped(bombed.stores.exemplars)).toBeGreaterThan(0)
    expect(bombed.dropped(bombed.stores.entities)).toBeGreaterThanOrEqual(
      ((STEPS - SHED_AT) * NAMES_A_STEP) / 3,
    )
    for (const store of bombed.stores.entities) store.shed(false)
    expect(bombed.pipeline.features.entities().length).toBeLessThan(config.edge.max_entities)
  }
}, 120_000)

it('requests in flight get an eighth of the limit, and a quarter of that while memory is short', async () => {
  expect(roomInFlight(256, undefined)).toBe(256)
  expect(roomInFlight(256, 4096)).toBe(256)
  expect(roomInFlight(256, 1024)).toBe(128)
})
