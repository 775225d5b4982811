import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { type Anomaly, EntityPage } from '@adf/contract'
import { type RunningAdf, startAdf } from '../../../../test/harness/adf.ts'
import { readAnomalies } from '../../../../test/harness/anomalies.ts'
import { collectorNeeds, hasCollector } from '../../../../test/harness/collector.ts'
import { startCollectorPipeline } from '../../../../test/harness/collector-pipeline.ts'
import { until } from '../../../../test/harness/process.ts'
import { type Benchmark, Missing, type Row } from '../../suite.ts'

const INTERVAL_S = 2
/** Collections that the host has learned before the load begins: more than its warm-up. */
const LEARNED = 300
const STRESS_S = 600
/** It is quiet when it was for so long. */
const QUIET_S = 60
/** A load average of five minutes falls slowly. */
const LONGEST_REST_S = 1200
const CPU_FEATURES = new Set(['cpu_usage_percent', 'cpu_load1', 'cpu_load5'])

/** This machine with all its cores busy for ten minutes, as a real Collector's host metrics show it to `adf up` with its defaults. */
export const stress: Benchmark = {
  suite: 'quality',
  name: 'stress',
  describe:
    '`stress-ng --cpu` seen through host metrics: when it is flagged, by what, and when it is quiet again',
  run: async ({ quick, progress }) => {
    if (!hasCollector()) throw new Missing(collectorNeeds)
    if (spawnSync('stress-ng', ['--version']).error)
      throw new Missing('stress-ng is not installed: apt-get install stress-ng')
    await using stack = new AsyncDisposableStack()
    const adf = stack.adopt(await startAdf({ log: { level: 'warn' } }), (each) => each.stop())
    const hostMetricsEvery = `${INTERVAL_S}s`
    const collector = startCollectorPipeline({ protocol: 'otlp_grpc', target: adf, hostMetricsEvery })
    stack.adopt(await collector, (each) => each.stop())
    return await measure(adf, quick ? STRESS_S / 5 : STRESS_S, progress)
  },
}

async function measure(adf: RunningAdf, stressS: number, progress: (text: string) => void): Promise<Row[]> {
  progress(`${LEARNED} collections are learned, ${(LEARNED * INTERVAL_S) / 60} minutes`)
  const limitMs = 3000 * LEARNED * INTERVAL_S
  await until('the host is learned', async () => (await learned(adf)) >= LEARNED, limitMs)
  const readyMs = Date.now()
  await setTimeout(1000 * QUIET_S)
  const fromMs = Date.now()
  progress(`stress-ng --cpu 0 for ${stressS} s`)
  const [code] = await once(spawn('stress-ng', ['--cpu', '0', '--timeout', `${stressS}s`, '--quiet']), 'exit')
  if (code !== 0) throw new Error(`stress-ng ended with ${code}`)
  const untilMs = Date.now()
  progress('over')
  await until(
    'quiet again',
    async () =>
      Date.now() - Math.max(untilMs, ...timesOf(await anomaliesSince(adf, fromMs))) > 1000 * QUIET_S,
    1000 * LONGEST_REST_S,
  )
  const before = (await anomaliesSince(adf, readyMs)).filter((each) => Date.parse(each.time) < fromMs)
  const found = await anomaliesSince(adf, fromMs)
  const during = found.filter((each) => Date.parse(each.time) < untilMs + 1000 * INTERVAL_S)
  if (during.length === 0) throw new Error('nothing was flagged while the CPUs were busy')
  const first = Math.min(...timesOf(during))
  const named = during.filter(({ contributions }) => CPU_FEATURES.has(contributions[0]?.feature ?? ''))
  for (const each of [during.at(-1), during[0]])
    if (each !== undefined) progress(each.contributions[0]?.text ?? '')
  const measures = {
    flagged_before: before.length,
    intervals_until_flagged: (first - fromMs) / 1000 / INTERVAL_S,
    flagged_share: during.length / (stressS / INTERVAL_S),
    named_cpu_share: named.length / during.length,
    quiet_after_s: (Math.max(untilMs, ...timesOf(found)) - untilMs) / 1000,
  }
  return Object.entries(measures).map(([measure, value]) => {
    return { suite: 'quality', case: `stress/${stressS}s`, subject: 'adf', measure, value }
  })
}

/** Vectors that the host has learned. */
async function learned(adf: RunningAdf): Promise<number> {
  const { items } = EntityPage.parse(await adf.json('/api/entities?stream=host'))
  return Math.max(0, ...items.flatMap(({ streams }) => streams.map((each) => each.learned)))
}

const anomaliesSince = (adf: RunningAdf, sinceMs: number): Promise<Anomaly[]> =>
  readAnomalies(adf, { stream: 'host', from: new Date(sinceMs).toISOString() })

const timesOf = (anomalies: readonly Anomaly[]) => anomalies.map(({ time }) => Date.parse(time))
