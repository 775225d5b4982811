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

const IDLE_MS = 5000
/** Until ADF has learned; then something is wrong. */
const WARM_MS = 20 * 60_000
const WARM_CELL_MS = 5000
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
      const subject = await STARTS[name](forwardPort, options)
      started.push(subject)
      return subject
    }
    const subjects = { otelcol: await start('otelcol'), adf: await start('adf') }
    await sleep(options.quick ? 1000 : IDLE_MS)
    const rest = { adf: rssMb(subjects.adf.pid), otelcol: rssMb(subjects.otelcol.pid) }
    options.progress('both warm up')
    if (options.quick) for (const name of SUBJECTS) await loaded(list[0], subjects[name], 2000)
    else await warmUp(list, subjects)
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
    const anomalies = rowOf('work', 'adf', 'anomalies', [await subjects.adf.anomalies()])
    return [...cells.flatMap(({ cell, rates }) => rowsOf(nameOf(cell), rates)), ...memory, anomalies]
  } finally {
    for (const subject of started) await subject.stop()
  }
}

/**
 * All cells in turns, as they will be measured, until both do all of their work. So the load that changes from cell to cell is what ADF has learned as usual: what is
 * compared is ingest, and not what a thousand entities cost that are all anomalous.
 */
async function warmUp(cells: readonly Cell[], subjects: Readonly<Record<Name, Subject>>): Promise<void> {
  const endMs = performance.now() + WARM_MS
  for (;;) {
    for (const cell of cells) for (const name of SUBJECTS) await loaded(cell, subjects[name], WARM_CELL_MS)
    if ((await Promise.all(SUBJECTS.map((name) => subjects[name].isWarm()))).every(Boolean)) return
    if (performance.now() > endMs)
      throw new Error(`not all entities were scored after ${WARM_MS / 60_000} min`)
  }
}

const startCell = (cell: Cell, { grpcPort, httpPort }: Subject) =>
  startLoad(cell, cell.protocol === 'grpc' ? grpcPort : httpPort)

async function loaded(cell: Cell | undefined, subject: Subject, lengthMs: number): Promise<void> {
  if (cell === undefined) return
  const load = startCell(cell, subject)
  await sleep(lengthMs)
  await load.stop()
}

async function measure(cell: Cell, subject: Subject, { quick }: BenchOptions): Promise<number> {
  const [settle, length] = quick ? [1000, 1500] : [2000, 6000]
  const load = startCell(cell, subject)
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
