import { seeded } from '@adf/detectors'
import {
  Config,
  createTables,
  Intake,
  Pipeline,
  Refusal,
  ScoringEngine,
  scoringOptions,
} from '@adf/processor'
import { Registry } from 'prom-client'
import { bounds } from '../bounds.ts'
import { mutant } from '../mutant.ts'
import { recordings } from '../recordings.ts'
import type { DecodersResult } from './decoders.ts'

/** Mutated messages at decoders, features, graph, logs and scoring, without sockets: `COUNT SEED`. Sends the result to its parent. */
const [count = 0, seed = 1] = process.argv.slice(2).map(Number)
const rng = seeded(seed)
const START_MS = 1_760_000_000_000
/** One step of the clock in so many messages. */
const PER_STEP = 2000
const SHOWN = 5

const config = Config.parse(bounds)
const registry = new Registry()
let nowMs = START_MS
let ids = 0
const result: Omit<DecodersResult, 'cpuSeconds'> = {
  messages: count,
  crashes: 0,
  traces: [],
  longestMs: 0,
  memory: [],
  outcomes: {},
}
const crashed = (error: unknown) => {
  result.crashes++
  if (result.traces.length < SHOWN)
    result.traces.push(error instanceof Error ? (error.stack ?? '') : String(error))
}
const scoring = new ScoringEngine(scoringOptions(config, 'inline'), {
  registry,
  thresholds: { all: async () => [], version: async () => 0, since: async () => [] },
  disturbance: (entity) => pipeline.disturbance(entity),
  warn: () => {},
})
const nothing = () => {}
const pipeline: Pipeline = new Pipeline({
  config,
  clock: () => nowMs,
  rng: seeded(seed + 1),
  newId: () => String(++ids).padStart(8, '0'),
  registry,
  scoring,
  outputs: {
    anomaly: nothing,
    joined: nothing,
    happened: nothing,
    incident: nothing,
    left: nothing,
    failed: crashed,
  },
})
await scoring.start()
const intake = new Intake({
  tables: createTables(config.receiver, registry),
  sink: pipeline,
  forward: undefined,
  registry,
  clock: () => nowMs,
  maxInFlight: config.receiver.max_in_flight,
  maxClockSkewMs: config.receiver.max_clock_skew,
  repeatWindowMs: config.graph.pairing_window,
})

const cpuMs = () => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
const weigh = () => {
  globalThis.gc?.()
  const { heapUsed, external, rss } = process.memoryUsage()
  result.memory.push({ heldMb: (heapUsed + external) / 1e6, rssMb: rss / 1e6 })
}
const quarter = Math.ceil(count / 4)

function take(): string {
  const { signal, encoding, bytes } = mutant(sound, rng)
  const begun = cpuMs()
  try {
    const rejections = intake[encoding](signal, bytes, 'http')
    return rejections.total > 0 ? 'partly' : 'taken'
  } catch (error) {
    if (error instanceof Refusal) return error.kind
    crashed(error)
    return 'crashed'
  } finally {
    result.longestMs = Math.max(result.longestMs, cpuMs() - begun)
  }
}

let sound = recordings(nowMs, rng)
for (let i = 0; i < count; i++) {
  if (i > 0 && i % quarter === 0) weigh()
  const outcome = take()
  result.outcomes[outcome] = (result.outcomes[outcome] ?? 0) + 1
  if (i % PER_STEP !== PER_STEP - 1) continue
  nowMs += config.edge.step
  try {
    pipeline.advance(nowMs)
  } catch (error) {
    crashed(error)
  }
  sound = recordings(nowMs, rng)
  // The stores and threads of the processor do their work between requests.
  await new Promise((resolve) => setImmediate(resolve))
}
// A key of a message must never have become one of every object.
for (const name in Object.prototype) crashed(new Error(`Object.prototype has ${name}`))
await scoring.stop()
const { user, system } = process.cpuUsage()
weigh()
const done: DecodersResult = { ...result, cpuSeconds: (user + system) / 1e6 }
process.send?.(done)
