// A process of its own, so that CPU time and memory are those of one engine: `main.ts ENTITIES SECONDS`, with --expose-gc.
import { setTimeout } from 'node:timers/promises'
import { Config, ScoringEngine, scoringOptions } from '@adf/processor'
import { Registry } from 'prom-client'
import { stream, Traffic } from './entities.ts'

const [entities = 1000, seconds = 60] = process.argv.slice(2).map(Number)
/** Vectors that each entity has learned at least before anything is measured. */
const LEARNED = 800
/** They begin one after the other, so that refits spread out. */
const SPREAD = 500
/** Entities that warm up while it is measured. */
const NEWCOMERS = 10
/** Vectors come in batches, as requests bring them. */
const TICK_MS = 10

const saved = { bytes: 0, rows: 0 }
const options = scoringOptions(Config.parse({}))
const engine = new ScoringEngine(
  { ...options, maxEntities: 2 * entities, settle: 0 },
  {
    registry: new Registry(),
    thresholds: { all: async () => [], version: async () => 0, since: async () => [] },
    states: {
      load: async () => undefined,
      saveMany: async (rows) => {
        for (const { state } of rows) saved.bytes += state.length
        saved.rows += rows.length
        return []
      },
    },
    scores: { merge: async () => {} },
    warn: (message, error) => console.error(message, error),
  },
)
const traffic = new Traffic(1, 2 * entities)
/** Entities that have had the vectors of their warm-up by a step. */
const warm = (step: number, entities: number) => {
  let count = 0
  for (let entity = 0; entity < entities; entity++) if ((entity % SPREAD) + options.warmUp <= step) count++
  return count
}
const heldNow = () => {
  for (let i = 0; i < 3; i++) globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
/** Jobs on their way to the worker are no state. */
async function held(): Promise<number> {
  let bytes = Number.POSITIVE_INFINITY
  for (let next = heldNow(); next < bytes; next = heldNow()) {
    bytes = next
    await setTimeout(1000)
  }
  return bytes
}

await engine.start()
let timeMs = 1_760_000_000_000
/** Lets the first entities learn. @returns bytes held then */
async function learned(count: number): Promise<number> {
  for (let entity = 0; entity < count; entity++)
    await engine.restore(stream, traffic.vector(entity, 0, 0).entity)
  for (let step = 0; step < LEARNED + SPREAD; step++) {
    timeMs += 1000
    for (let entity = 0; entity < count; entity++)
      if (step >= entity % SPREAD) engine.score(traffic.vector(entity, timeMs, timeMs))
    // Faster than time: first fits would fall behind, and nothing be learned meanwhile.
    while (engine.counts().ready < warm(step, count)) await setTimeout(10)
    await setTimeout(0)
  }
  return held()
}
// Code, WebAssembly and buffers that all share are no state of a metric.
const some = Math.ceil(entities / 10)
const shared = await learned(some)
const bytes = ((await learned(entities)) - shared) / (entities - some)
await engine.save()

const perTick = Math.ceil((entities * TICK_MS) / 1000)
const latencies = new Float64Array(Math.ceil((seconds * 1000) / TICK_MS) * perTick)
let [scored, anomalies, next] = [0, 0, 0]
const startedAt = performance.now()
const cpu = process.cpuUsage()
const thread = process.threadCpuUsage()
for (let tick = 1; tick * TICK_MS <= seconds * 1000; tick++) {
  const due = startedAt + tick * TICK_MS
  const wait = due - performance.now()
  if (wait > 0) await setTimeout(wait)
  for (let i = 0; i < perTick; i++) {
    // Some are new: they warm up meanwhile, as fast as they can.
    const entity = scored % 10 === 0 ? entities + ((scored / 10) % NEWCOMERS) : next++ % entities
    const result = engine.score(traffic.vector(entity, timeMs + tick * TICK_MS, due))
    latencies[scored++] = performance.now() - due
    if (result?.anomalous) anomalies++
  }
}
const wallMs = performance.now() - startedAt
const used = process.cpuUsage(cpu)
const own = process.threadCpuUsage(thread)
await engine.stop()

latencies.subarray(0, scored).sort()
const at = (q: number) => latencies[Math.floor(q * (scored - 1))] ?? Number.NaN
const share = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 10 / wallMs
const result = {
  core_pct: share(used),
  core_pct_hot: share(own),
  us_per_vector: (own.user + own.system) / scored,
  p50_ms: at(0.5),
  p99_ms: at(0.99),
  state_bytes_per_metric: bytes / stream.features.length,
  saved_bytes_per_metric: saved.bytes / Math.max(1, saved.rows) / stream.features.length,
}
if (engine.counts().ready < entities || scored < (entities * seconds) / 2 || anomalies === 0)
  throw new Error(`${engine.counts().ready} entities ready, ${scored} vectors scored, ${anomalies} anomalies`)
process.send?.(result)
if (process.send === undefined) console.log(JSON.stringify({ ...result, scored, anomalies }))
process.exit(0)
