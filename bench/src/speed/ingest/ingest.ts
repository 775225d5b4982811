import { setTimeout as sleep } from 'node:timers/promises'
import type { Benchmark, BenchOptions, Row } from '../../suite.ts'
import { startEndpoint, startLoad } from './load.ts'
import { cpuSeconds, peakRssMb } from './process-usage.ts'
import { type StartSubject, startAdfSubject, startCollectorSubject } from './subjects.ts'

const CASES = ['grpc', 'http', 'grpc-forward', 'http-forward'] as const
type Case = (typeof CASES)[number]

const SUBJECTS: Readonly<Record<string, StartSubject>> = {
  adf: startAdfSubject,
  otelcol: startCollectorSubject,
}

interface Measured {
  readonly spans_per_cpu_s: number
  readonly rss_mb: number
}

/**
 * Spans per CPU-second of the server process (user and system time of all its threads), graph and features on, beside the
 * OpenTelemetry Collector. The machine's speed changes between runs, so the subjects take turns and medians are compared.
 */
export const ingest: Benchmark = {
  suite: 'speed',
  name: 'ingest',
  describe: 'OTLP in: spans per CPU-second and memory, beside the OpenTelemetry Collector',
  run: async (options) => {
    const rounds = options.quick ? 1 : 3
    const results = new Map<string, Measured[]>()
    for (let round = 1; round <= rounds; round++) {
      for (const name of CASES) {
        for (const [subject, start] of Object.entries(SUBJECTS)) {
          const measured = await measure(name, start, options)
          const rate = Math.round(measured.spans_per_cpu_s).toLocaleString('en-US')
          options.progress(
            `round ${round}/${rounds} ${name} ${subject}: ${rate} spans per CPU-second, ${Math.round(measured.rss_mb)} MB`,
          )
          const key = `${name} ${subject}`
          results.set(key, [...(results.get(key) ?? []), measured])
        }
      }
    }
    return [...results].flatMap(([key, runs]) => rowsOf(key, runs))
  },
}

async function measure(name: Case, start: StartSubject, options: BenchOptions): Promise<Measured> {
  const [warmUp, length] = options.quick ? [6000, 8000] : [10_000, 20_000]
  const protocol = name.startsWith('grpc') ? 'grpc' : 'http'
  const endpoint = name.endsWith('-forward') ? await startEndpoint() : undefined
  const subject = await start(endpoint?.port, options.progress)
  try {
    const load = startLoad(protocol, protocol === 'grpc' ? subject.grpcPort : subject.httpPort)
    await sleep(warmUp)
    const [spans, cpu] = [await load.taken(), cpuSeconds(subject.pid)]
    await sleep(length)
    const [taken, used] = [(await load.taken()) - spans, cpuSeconds(subject.pid) - cpu]
    const rss = peakRssMb(subject.pid)
    await load.stop()
    await subject.check()
    return { spans_per_cpu_s: taken / used, rss_mb: rss }
  } finally {
    await subject.stop()
    endpoint?.stop()
  }
}

function rowsOf(key: string, runs: readonly Measured[]): Row[] {
  const [name = '', subject = ''] = key.split(' ')
  const row = (measure: keyof Measured): Row => ({
    suite: 'speed',
    case: name,
    subject,
    measure,
    value: median(runs.map((run) => run[measure])),
  })
  return [row('spans_per_cpu_s'), row('rss_mb')]
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
