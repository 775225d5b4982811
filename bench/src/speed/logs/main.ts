// A process of its own, on one thread: `main.ts DATA SECONDS`.
import { logFile } from '@adf/cli'
import { Config, createTables, FeatureExtractor, Intake, LogMining, type PlainLog } from '@adf/processor'
import { Registry } from 'prom-client'
import { nezhaSets } from '../../quality/nezha-set.ts'
import { LogRequest } from './request.ts'

const RECORDS = 1000
/** The clock of the features runs by this rate, whatever ours is. */
const PER_SECOND = 100_000

const [data = '', seconds = '5'] = process.argv.slice(2)
const logs: PlainLog[] = []
for (const set of nezhaSets(data))
  for (const path of set.logs.values()) for await (const records of logFile(path)) logs.push(...records)
logs.sort((a, b) => a.timeMs - b.timeMs)
const requests: LogRequest[] = []
for (let from = 0; from + RECORDS <= logs.length && requests.length < 100; from += RECORDS)
  requests.push(new LogRequest(logs.slice(from, from + RECORDS)))
if (requests.length === 0) throw new Error(`fewer than ${RECORDS} log records under ${data}`)

const config = Config.parse({})
const registry = new Registry()
const mining = new LogMining(config.logs, config.graph, registry)
const features = new FeatureExtractor({
  edge: config.edge,
  streams: config.streams,
  maxClockSkewMs: config.receiver.max_clock_skew,
  registry,
  templates: mining,
})
let nowMs = 1_760_000_000_000
let minedMicros = 0
let vectors = 0
const intake = new Intake({
  tables: createTables(config.receiver, registry),
  sink: {
    spans() {},
    metrics() {},
    logs(batch, arrivalMs) {
      const before = process.cpuUsage()
      mining.logs(batch, arrivalMs)
      minedMicros += micros(before)
      features.logs(batch, arrivalMs)
    },
  },
  forward: undefined,
  registry,
  clock: () => nowMs,
  maxInFlight: Number.MAX_SAFE_INTEGER,
  maxClockSkewMs: config.receiver.max_clock_skew,
  repeatWindowMs: config.graph.pairing_window,
})

function micros(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return user + system
}

let sent = 0
/** Takes requests for so much CPU time; gives records per CPU-second of the miner alone, and of all from bytes to vectors. */
function run(cpuMs: number) {
  let [used, records] = [0, 0]
  minedMicros = 0
  while (used < cpuMs * 1000) {
    const request = requests[sent % requests.length]
    if (request === undefined) break
    request.next(sent++, nowMs)
    const before = process.cpuUsage()
    intake.protobuf('logs', request.bytes, 'grpc')
    features.advance(nowMs, () => vectors++)
    used += micros(before)
    records += request.records
    nowMs += (1000 * RECORDS) / PER_SECOND
  }
  return { miner: (records * 1e6) / minedMicros, path: (records * 1e6) / used }
}

run(2000)
const result = run(Number(seconds) * 1000)
if (vectors === 0 || mining.templates('frontend').length === 0) throw new Error('nothing came of the records')
process.send?.(result)
if (process.send === undefined) console.log(JSON.stringify({ ...result, vectors }))
