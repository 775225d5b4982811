import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type RunningAdf, startAdf } from '../../../../test/harness/adf.ts'
import type { Benchmark, BenchOptions, Row } from '../../suite.ts'
import type { Cell } from '../ingest/load/cell.ts'
import { startLoad } from '../ingest/load/load.ts'
import { cpuSeconds, openFiles, rssMb, stolenSeconds } from '../ingest/process-usage.ts'
import { SPANS, startPacedLoad, type Tally } from '../paced/load.ts'
import { lineThrough, quantile } from './trend.ts'

const HOURS = 2
const CAPACITY: Cell = { signal: 'traces', protocol: 'http', gzip: false, size: SPANS }
const CONNECTIONS = 8
/** Requests under way at most: more than half of the capacity ever needs. */
const AT_ONCE = 64
/** So often a fifth of the services get names that never came before and never come again. */
const CHURN_MS = 20_000
/** Of the whole: tables fill up, detectors learn, V8 finds its size. */
const WARM_UP = 0.25

/** Shorter than two hours: what is forgotten after a time is forgotten sooner, and what is bounded by a number has its bound reached, or their filling up would be taken for growth. */
const SOONER = {
  edge: { stale_after: '1m' },
  graph: { forget_after: '5m', history: '5m' },
  slo: { max_services: 30 },
}

interface Sample {
  /** Hours since the begin. */
  readonly hours: number
  readonly rssMb: number
  readonly files: number
  readonly entities: number
  /** Cores that other machines had, on average since the sample before. */
  readonly stolenCores: number
  readonly tally: Tally
}

/**
 * `adf up` under half of the load that it takes at most, while services come and go: does memory grow, do descriptors leak, does it get slower? The rate is fixed
 * after a short measurement of the capacity.
 */
export const soak: Benchmark = {
  suite: 'speed',
  name: 'soak',
  describe:
    'half of the capacity for two hours (--minutes), services come and go: memory, descriptors, latency',
  run: async (options) => {
    const minutes = options.minutes ?? (options.quick ? 0.5 : HOURS * 60)
    const adf = await startAdf({ log: { level: 'warn' }, ...(minutes < HOURS * 60 && SOONER) })
    try {
      const perSecond = (await capacity(adf, options.quick ? 4000 : 15_000)) / SPANS / 2
      options.progress(
        `${Math.round(perSecond * SPANS).toLocaleString('en-US')} spans a second for ${minutes} minutes`,
      )
      const cpu = cpuSeconds(pidOf(adf))
      const samples = await watch(adf, perSecond, minutes, options)
      const used = (cpuSeconds(pidOf(adf)) - cpu) / (minutes * 60)
      if (adf.process.output() !== '') options.progress(`its log: ${adf.process.output()}`)
      return rowsOf(samples, perSecond, used)
    } finally {
      await adf.stop()
    }
  },
}

/** Spans a second that it takes from four senders who wait for each answer. */
async function capacity(adf: RunningAdf, ms: number): Promise<number> {
  const load = startLoad(CAPACITY, adf.httpPort)
  await sleep(ms / 2)
  const [before, beganMs] = [await load.taken(), performance.now()]
  await sleep(ms)
  const rate = ((await load.taken()) - before) / ((performance.now() - beganMs) / 1000)
  await load.stop()
  return rate
}

async function watch(
  adf: RunningAdf,
  requestsPerSecond: number,
  minutes: number,
  { quick, out, progress }: BenchOptions,
): Promise<Sample[]> {
  const load = await startPacedLoad({
    protocol: 'http',
    port: adf.httpPort,
    requestsPerSecond,
    atOnce: AT_ONCE,
    connections: CONNECTIONS,
    churnMs: quick ? 2000 : CHURN_MS,
  })
  const everyMs = quick ? 1000 : 10_000
  const samples: Sample[] = []
  let stolenBefore = stolenSeconds()
  const begunMs = performance.now()
  try {
    for (let next = everyMs; next <= minutes * 60_000; next += everyMs) {
      await sleep(Math.max(0, next - (performance.now() - begunMs)))
      const tally = await load.tally()
      const stolenNow = stolenSeconds()
      const sample: Sample = {
        hours: (performance.now() - begunMs) / 3_600_000,
        rssMb: rssMb(pidOf(adf)),
        files: openFiles(pidOf(adf)),
        entities: await adf.metric('adf_scored_entities'),
        stolenCores: (stolenNow - stolenBefore) / (everyMs / 1000),
        tally,
      }
      stolenBefore = stolenNow
      samples.push(sample)
      const { latencies, ...counts } = tally
      const line = {
        ...sample,
        tally: { ...counts, p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) },
      }
      if (out !== undefined) appendFileSync(join(out, 'soak.jsonl'), `${JSON.stringify(line)}\n`)
      if (samples.length % 30 === 0) progress(JSON.stringify(line))
    }
  } finally {
    await load.stop()
  }
  return samples
}

function rowsOf(samples: readonly Sample[], perSecond: number, cpu: number): Row[] {
  const settled = samples.slice(Math.floor(samples.length * WARM_UP))
  const line = lineThrough(settled.map(({ hours, rssMb }) => [hours, rssMb] as const))
  const quarter = Math.max(1, Math.floor(settled.length / 4))
  const [first, last] = [settled.slice(0, quarter), settled.slice(-quarter)]
  const ofBoth = (share: number) => {
    const [a, b] = [first, last].map((part) =>
      quantile(
        part.flatMap(({ tally }) => tally.latencies),
        share,
      ),
    )
    return [a ?? Number.NaN, b ?? Number.NaN] as const
  }
  const sum = (of: (tally: Tally) => number) => samples.reduce((all, { tally }) => all + of(tally), 0)
  const stolen = (part: readonly Sample[]) =>
    part.reduce((all, { stolenCores }) => all + stolenCores, 0) / part.length
  const latencies = ([0.5, 0.95, 0.99] as const).flatMap((share) => {
    const [before, after] = ofBoth(share)
    const name = `p${share * 100}`
    return [
      [`${name}_first_ms`, before],
      [`${name}_last_ms`, after],
    ] as const
  })
  const measures: (readonly [string, number])[] = [
    ['spans_per_s', perSecond * SPANS],
    ['hours', samples.at(-1)?.hours ?? 0],
    ['cores', cpu],
    ['rss_mb', line.mean],
    // After the collections of all garbage, some minutes apart: what grows between them is no leak.
    ['least_rss_first_mb', Math.min(...first.map((sample) => sample.rssMb))],
    ['least_rss_last_mb', Math.min(...last.map((sample) => sample.rssMb))],
    ['stolen_first_cores', stolen(first)],
    ['stolen_last_cores', stolen(last)],
    ['rss_percent_per_hour', (100 * line.slope) / line.mean],
    ['rss_error_percent_per_hour', (100 * line.error) / line.mean],
    ['files_first', Math.max(...first.map(({ files }) => files))],
    ['files_last', Math.max(...last.map(({ files }) => files))],
    ['entities', settled.at(-1)?.entities ?? 0],
    ...latencies,
    ['refused', sum(({ refused }) => refused)],
    ['failed', sum(({ failed }) => failed)],
    ['held_back', sum(({ heldBack }) => heldBack)],
  ]
  return measures.map(([measure, value]) => ({
    suite: 'speed',
    case: 'soak',
    subject: 'adf',
    measure,
    value,
  }))
}

function pidOf(adf: RunningAdf): number {
  const { pid } = adf.process.child
  if (pid === undefined) throw new Error('adf did not start')
  return pid
}
