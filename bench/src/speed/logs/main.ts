// A process of its own, on one thread: `main.ts DATA SECONDS`.
import { logFile } from '@adf/cli'
import {
  Config,
  createTables,
  FeatureExtractor,
  Intake,
  LogBatchBuilder,
  LogMining,
  type PlainLog,
} from '@adf/processor'
import { Registry } from 'prom-client'
import { someNezhaSets } from '../../quality/nezha-set.ts'
import { LogRequest } from './request.ts'

const RECORDS = 1000
/** The clock of the features runs by this rate, whatever ours is. */
const PER_SECOND = 100_000

const [data = '', seconds = '5'] = process.argv.slice(2)
const logs: PlainLog[] = []
for (const set of someNezhaSets(data))
  for (const path of set.logs.values()) for await (const records of logFile(path)) logs.push(...records)
logs.sort((a, b) => a.timeMs - b.timeMs)
const requests: LogRequest[] = []
for (let from = 0; from + RECORDS <= logs.length && requests.length < 20; from += RECORDS)
  requests.push(new LogRequest(logs.slice(from, from + RECORDS)))
if (requests.length === 0) throw new Error(`fewer than ${RECORDS} log records under ${data}`)

const config = Config.parse({})
const registry = new Registry()
const tables = createTables(config.receiver, registry)
const mining = new LogMining(config.logs, config.graph, registry)
const features = new FeatureExtractor({
  edge: config.edge,
  streams: config.streams,
  maxClockSkewMs: config.receiver.max_clock_skew,
  registry,
  templates: mining,
})
let nowMs = 1_760_000_000_000
let sent = 0
let vectors = 0
const intake = new Intake({
  tables,
  sink: {
    spans() {},
    metrics() {},
    logs(batch, arrivalMs) {
      mining.logs(batch, arrivalMs)
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

/** Records per CPU-second of `take`, which has all requests in turn; `prepare` gives them new ids and is not counted. */
function measure(cpuMs: number, prepare: () => void, take: () => void): number {
  let [used, records] = [0, 0]
  while (used < cpuMs * 1000) {
    prepare()
    const before = process.cpuUsage()
    take()
    const { user, system } = process.cpuUsage(before)
    used += user + system
    records += requests.length * RECORDS
    nowMs += (1000 * requests.length * RECORDS) / PER_SECOND
  }
  return (records * 1e6) / used
}

/** From OTLP bytes to vectors. */
const path = (cpuMs: number) =>
  measure(
    cpuMs,
    () => {
      for (const request of requests) request.next(sent++, nowMs)
    },
    () => {
      for (const request of requests) intake.protobuf('logs', request.bytes, 'grpc')
      features.advance(nowMs, () => vectors++)
    },
  )

const builders = requests.map((_, at) => {
  const builder = new LogBatchBuilder(tables)
  for (const log of logs.slice(at * RECORDS, (at + 1) * RECORDS)) builder.add(log)
  return builder
})

/** Templates and counts of records that are decoded already. */
const miner = (cpuMs: number) =>
  measure(
    cpuMs,
    () => {
      sent++
      for (const { batch } of builders) {
        batch.timeMs.fill(nowMs)
        batch.trace3.fill(Math.imul(sent, 0x9e3779b1))
      }
    },
    () => {
      for (const { batch } of builders) mining.logs(batch, nowMs)
    },
  )

path(3000)
miner(1000)
const result = { miner: miner(Number(seconds) * 500), path: path(Number(seconds) * 1000) }
if (vectors === 0 || mining.templates('frontend').length === 0) throw new Error('nothing came of the records')
process.send?.(result)
if (process.send === undefined) console.log(JSON.stringify({ ...result, vectors }))
