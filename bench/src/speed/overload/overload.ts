import { setTimeout as sleep } from 'node:timers/promises'
import { type RunningAdf, startAdf } from '../../../../test/harness/adf.ts'
import { collectorNeeds, hasCollector } from '../../../../test/harness/collector.ts'
import {
  type CollectorPipeline,
  startCollectorPipeline,
} from '../../../../test/harness/collector-pipeline.ts'
import { until } from '../../../../test/harness/process.ts'
import { type Benchmark, type BenchOptions, Missing, type Row } from '../../suite.ts'
import { TraceRequest } from '../ingest/load/trace-request.ts'
import { cpuSeconds, peakRssMb } from '../ingest/process-usage.ts'
import { median } from '../measured-process.ts'
import { SPANS, startPacedLoad, type Tally } from '../paced/load.ts'
import type { Protocol } from '../paced/send.ts'
import { quantile } from '../soak/trend.ts'

const TIMES = 5
/** Senders who wait for each answer: enough to keep the server busy, too few to fill its room. */
const PATIENT = 4
/** Requests under way at once that do not wait for each other: 450 MB of them, more than ADF has room for. */
const IMPATIENT = 1000
/** Connections of those: HTTP/1.1 has one request on each. */
const CONNECTIONS: Readonly<Record<Protocol, number>> = { http: 1000, grpc: 16 }
/** Offered by patient senders: more than anything takes. */
const AS_FAST_AS_IT_GOES = 1e5
/** Room for what is under way: the default, and so little that most of what is sent must be refused. */
const ROOMS: readonly Room[] = [
  { name: '', receiver: {} },
  { name: ', 16 MiB under way', receiver: { max_in_flight: '16MiB', max_request_size: '8MiB' } },
]
/** What the collector is given to deliver while ADF is overloaded. */
const QUEUED = 50

interface Room {
  readonly name: string
  readonly receiver: Readonly<Record<string, string>>
}

interface Phase {
  readonly tally: Tally
  readonly seconds: number
  /** Of the server. */
  readonly cpu: number
}

/**
 * What `adf up` takes when it is offered five times of what it can take, beside what it takes at most from senders who wait: the rest must be told to come again, at so little
 * cost that the taking goes on. Beside it a real collector delivers through its queue, and must get rid of everything.
 */
export const overload: Benchmark = {
  suite: 'speed',
  name: 'overload',
  describe: 'five times of what it can take: what it takes all the same, and what becomes of the rest',
  run: async (options) => {
    if (!hasCollector()) throw new Missing(collectorNeeds)
    const rows: Row[] = []
    for (const room of ROOMS)
      for (const protocol of ['http', 'grpc'] as const) rows.push(...(await measure(protocol, room, options)))
    return rows
  },
}

async function measure(protocol: Protocol, room: Room, options: BenchOptions): Promise<Row[]> {
  const [rounds, ms] = options.quick ? [1, 4000] : [3, 15_000]
  const adf = await startAdf({ log: { level: 'warn' }, receiver: room.receiver })
  const collector = await startCollectorPipeline({
    protocol: protocol === 'http' ? 'otlp_http' : 'otlp_grpc',
    target: adf,
    exporter: {
      sending_queue: { queue_size: 10 * QUEUED },
      retry_on_failure: { initial_interval: '500ms', max_interval: '2s', max_elapsed_time: '600s' },
    },
  })
  try {
    await phase(adf, protocol, ms / 2)
    const most: Phase[] = []
    const over: Phase[] = []
    for (let round = 1; round <= rounds; round++) {
      most.push(await phase(adf, protocol, ms))
      const offered = TIMES * median(most.map(takenPerSecond))
      const handing = handOver(collector)
      over.push(await phase(adf, protocol, ms, offered))
      await handing
      for (const [name, phases] of Object.entries({ most, over }))
        tell(`${protocol}${room.name} ${name}`, phases.at(-1), options)
    }
    const drained = performance.now()
    const spans = rounds * QUEUED * SPANS
    await until(
      `the collector's queue is empty`,
      async () =>
        (await collector.metric('otelcol_exporter_queue_size')) === 0 &&
        (await collector.metric('otelcol_exporter_sent_spans')) >= spans,
      600_000,
    )
    const drainSeconds = (performance.now() - drained) / 1000
    const lost = spans - (await collector.metric('otelcol_exporter_sent_spans'))
    const failed = await collector.metric('otelcol_exporter_send_failed_spans')
    const all = await adf.metric('adf_receiver_spans_total', { outcome: 'accepted' })
    const known = sum([...most, ...over], ({ tally }) => tally.taken) * SPANS + spans
    return rowsOf(`overload ${protocol}${room.name}`, most, over, {
      drain_s: drainSeconds,
      collector_lost_spans: lost + failed,
      // More than the senders know of is what was taken after they had given up.
      unaccounted_spans: Math.max(0, known - all),
      rss_mb: peakRssMb(pidOf(adf)),
    })
  } finally {
    await collector.stop()
    await adf.stop()
  }
}

/** One load from its begin to its end. `offered`: requests a second, whatever becomes of them; left out: as fast as patient senders get rid of them. */
async function phase(adf: RunningAdf, protocol: Protocol, ms: number, offered?: number): Promise<Phase> {
  const port = protocol === 'http' ? adf.httpPort : adf.grpcPort
  const load = await startPacedLoad({
    protocol,
    port,
    requestsPerSecond: offered ?? AS_FAST_AS_IT_GOES,
    atOnce: offered === undefined ? PATIENT : IMPATIENT,
    connections: offered === undefined ? PATIENT : CONNECTIONS[protocol],
    churnMs: 0,
  })
  await load.tally()
  await sleep(ms / 3)
  await load.tally()
  const [begunMs, cpu] = [performance.now(), cpuSeconds(pidOf(adf))]
  await sleep(ms)
  const tally = await load.tally()
  const measured = {
    tally,
    seconds: (performance.now() - begunMs) / 1000,
    cpu: cpuSeconds(pidOf(adf)) - cpu,
  }
  await load.stop()
  return measured
}

function tell(name: string, phase: Phase | undefined, { progress }: BenchOptions): void {
  if (phase === undefined) return
  const { latencies, ...counts } = phase.tally
  progress(
    `${name}: ${JSON.stringify({ ...counts, seconds: phase.seconds, p99: quantile(latencies, 0.99) })}`,
  )
}

/** Gives the collector requests of its own, one after the other. */
async function handOver({ url }: CollectorPipeline): Promise<void> {
  const request = TraceRequest.of(SPANS)
  for (let i = 0; i < QUEUED; i++) {
    request.next(0xc0110001 + i, '000', Date.now())
    const headers = { 'content-type': 'application/x-protobuf' }
    const answer = await fetch(`${url}/v1/traces`, {
      method: 'POST',
      headers,
      body: Buffer.from(request.message.bytes),
    })
    if (!answer.ok) throw new Error(`the collector answered ${answer.status}`)
  }
}

const takenPerSecond = ({ tally, seconds }: Phase): number => tally.taken / seconds
const takenPerCpu = ({ tally, cpu }: Phase): number => tally.taken / cpu
const sum = (phases: readonly Phase[], of: (phase: Phase) => number): number =>
  phases.reduce((all, one) => all + of(one), 0)

function rowsOf(
  name: string,
  most: readonly Phase[],
  over: readonly Phase[],
  after: Readonly<Record<string, number>>,
): Row[] {
  const row = (measure: string, value: number): Row => ({
    suite: 'speed',
    case: name,
    subject: 'adf',
    measure,
    value,
  })
  const all = over.flatMap(({ tally }) => tally.latencies)
  const sent = sum(over, ({ tally }) => tally.taken + tally.refused + tally.failed)
  return [
    row('most_spans_per_s', median(most.map(takenPerSecond)) * SPANS),
    row('offered_spans_per_s', median(over.map(({ tally, seconds }) => tally.offered / seconds)) * SPANS),
    row('sent_spans_per_s', (sent / sum(over, ({ seconds }) => seconds)) * SPANS),
    row('taken_spans_per_s', median(over.map(takenPerSecond)) * SPANS),
    row('goodput', median(over.map(takenPerSecond)) / median(most.map(takenPerSecond))),
    row('goodput_per_cpu', median(over.map(takenPerCpu)) / median(most.map(takenPerCpu))),
    row('taken_p99_ms', quantile(all, 0.99)),
    row(
      'told_to_come_again',
      sum(over, ({ tally }) => tally.refused),
    ),
    row(
      'failed',
      sum(over, ({ tally }) => tally.failed),
    ),
    ...Object.entries(after).map(([measure, value]) => row(measure, value)),
  ]
}

function pidOf(adf: RunningAdf): number {
  const { pid } = adf.process.child
  if (pid === undefined) throw new Error('adf did not start')
  return pid
}
