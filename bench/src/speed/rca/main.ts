// A process of its own: `main.ts SERVICES CALLS REPEATS` prints medians.
import { CausalGraph, Config, rankRootCauses } from '@adf/processor'
import { Registry } from 'prom-client'
import { layeredCalls } from './topology.ts'
import { CallTraffic, SLOT_MS } from './traffic.ts'

const [services = 0, calls = 0, repeats = 0] = process.argv.slice(2).map(Number)
/** Slots of history; the window after it. At the largest size cells for some ten slots of each edge are all that is kept. */
const HISTORY = 60
const WINDOW = 6
const T0 = 1_760_000_000_000
const faulty = Math.floor(services / 2)
const graph = new CausalGraph(
  { ...Config.parse({}).graph, max_nodes: services * 2, max_edges: calls * 2 },
  new Registry(),
)
const traffic = new CallTraffic(layeredCalls(services, calls, 1), services)
for (let slot = 0; slot < HISTORY + WINDOW; slot++) {
  const at = T0 + slot * SLOT_MS
  for (const batch of traffic.slot(at, slot >= HISTORY ? faulty : undefined)) graph.spans(batch, at + SLOT_MS)
  graph.advance(at + SLOT_MS)
}
const now = T0 + (HISTORY + WINDOW) * SLOT_MS
const evidenceMs: number[] = []
const rankMs: number[] = []
for (let i = 0; i < repeats; i++) {
  const started = performance.now()
  const evidence = graph.evidence(now - WINDOW * SLOT_MS, now)
  const gathered = performance.now()
  const { causes } = rankRootCauses({
    at: now,
    evidence,
    metrics: [],
    hosts: [],
    logs: [],
    rng: () => 0.5,
    top: 10,
  })
  rankMs.push(performance.now() - gathered)
  evidenceMs.push(gathered - started)
  if (causes[0]?.service !== `service-${faulty}`)
    throw new Error(`named ${causes[0]?.service} instead of service-${faulty}`)
}
const result = {
  evidence_ms: median(evidenceMs),
  rank_ms: median(rankMs),
  total_ms: median(evidenceMs.map((ms, i) => ms + rankMs[i]!)),
}
process.send?.(result)
if (process.send === undefined) console.log(JSON.stringify(result))

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
