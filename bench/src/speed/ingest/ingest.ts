import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../../../../test/harness/process.ts'
import type { Benchmark, BenchOptions, Row } from '../../suite.ts'
import { median } from '../measured-process.ts'
import { CELLS, FORWARD_CELLS } from './cells.ts'
import { type Cell, nameOf } from './load/cell.ts'
import { startEndpoint, startLoad } from './load/load.ts'
import { cpuSeconds, peakRssMb, rssMb } from './process-usage.ts'
import { type Subject, startAdfSubject, startCollectorSubject } from './subjects.ts'

const STARTS = { adf: startAdfSubject, otelcol: startCollectorSubject }
const SUBJECTS = ['adf', 'otelcol'] as const
type Name = (typeof SUBJECTS)[number]

/** What both warm up with. */
const WARM_UP: Cell = { signal: 'traces', protocol: 'http', gzip: false, size: 1000 }
const IDLE_MS = 5000
const FIRST_MS = 60_000
const ROUNDS = 3

/** Measurements of one cell: records per CPU-second in each round. */
type Rates = Readonly<Record<Name, number[]>>

/**
 * Spans, data points and log records per CPU-second of the server process (user and system time of all its threads) beside the
 * OpenTelemetry Collector, and its memory. The machine's speed changes between runs, so the two take turns in each cell and round, and what
 * counts is the ratio of a round.
 */
export const ingest: Benchmark = {
  suite: 'speed',
  name: 'ingest',
  describe:
    'OTLP in: records per CPU-second by protocol, compression and size, and memory, beside the Collector',
  run: (options) => compare(CELLS, undefined, options),
}

/** The same where each request is also sent on to another endpoint, over gRPC. */
export const forward: Benchmark = {
  suite: 'speed',
  name: 'forward',
  describe: 'OTLP in and on to another endpoint: spans per CPU-second and memory, beside the Collector',
  run: async (options) => {
    const endpoint = await startEndpoint()
    try {
      return await compare(FORWARD_CELLS, endpoint.port, options)
    } finally {
      endpoint.stop()
    }
  },
}

async function compare(
  list: readonly Cell[],
  forwardPort: number | undefined,
  options: BenchOptions,
): Promise<Row[]> {
  const started: Subject[] = []
  try {
    const start = async (name: Name) => {
      const subject = await STARTS[name](forwardPort, options.progress)
      started.push(subject)
      return subject
    }
    const subjects = { otelcol: await start('otelcol'), adf: await start('adf') }
    await sleep(options.quick ? 1000 : IDLE_MS)
    const rest = { adf: rssMb(subjects.adf.pid), otelcol: rssMb(subjects.otelcol.pid) }
    for (const name of SUBJECTS) await warmUp(subjects[name], name, options)
    const cells = list.map((cell): { cell: Cell; rates: Rates } => ({
      cell,
      rates: { adf: [], otelcol: [] },
    }))
    const rounds = options.quick ? 1 : ROUNDS
    for (let round = 1; round <= rounds; round++) {
      for (const { cell, rates } of cells) {
        for (const name of SUBJECTS) rates[name].push(await measure(cell, subjects[name], options))
        const told = SUBJECTS.map((name) => `${name} ${Math.round(rates[name].at(-1) ?? 0)}`).join(', ')
        options.progress(`round ${round}/${rounds} ${nameOf(cell)}: ${told} a CPU-second`)
      }
    }
    const memory = SUBJECTS.flatMap((name) => [
      rowOf('memory', name, 'rest_mb', [rest[name]]),
      rowOf('memory', name, 'peak_mb', [peakRssMb(subjects[name].pid)]),
    ])
    for (const name of SUBJECTS) await subjects[name].check()
    return [...cells.flatMap(({ cell, rates }) => rowsOf(nameOf(cell), rates)), ...memory]
  } finally {
    for (const subject of started) await subject.stop()
  }
}

/** Under load until it does all of its work, and as long as compilers and tables need. */
async function warmUp(subject: Subject, name: Name, { quick, progress }: BenchOptions): Promise<void> {
  progress(`${name} warms up`)
  const load = startLoad(WARM_UP, subject.httpPort)
  try {
    await sleep(quick ? 2000 : 20_000)
    if (!quick) await subject.warm()
  } finally {
    await load.stop()
  }
}

async function measure(cell: Cell, subject: Subject, { quick }: BenchOptions): Promise<number> {
  const [settle, length] = quick ? [1000, 1500] : [2000, 6000]
  const load = startLoad(cell, cell.protocol === 'grpc' ? subject.grpcPort : subject.httpPort)
  try {
    await until('the first request to be taken', async () => (await load.taken()) > 0, FIRST_MS)
    await sleep(settle)
    const [before, cpu] = [await load.taken(), cpuSeconds(subject.pid)]
    await sleep(length)
    const [taken, used] = [(await load.taken()) - before, cpuSeconds(subject.pid) - cpu]
    return taken / used
  } finally {
    await load.stop()
  }
}

function rowsOf(name: string, rates: Rates): Row[] {
  const ratios = rates.adf.map((rate, round) => rate / (rates.otelcol[round] ?? Number.NaN))
  return [
    ...SUBJECTS.map((subject) => rowOf(name, subject, 'records_per_cpu_s', rates[subject])),
    rowOf(name, 'adf', 'ratio', ratios),
  ]
}

function rowOf(name: string, subject: Name, measure: string, values: readonly number[]): Row {
  const spread = values.length > 1 && { min: Math.min(...values), max: Math.max(...values) }
  return { suite: 'speed', case: name, subject, measure, value: median(values), ...spread }
}
