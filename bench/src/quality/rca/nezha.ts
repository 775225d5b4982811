import { type FileSpan, FileTelemetry, logFile, metricSamples, traceFile } from '@adf/cli'
import type { Sample } from '@adf/processor'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { BenchOptions, Row } from '../../suite.ts'
import type { Fault, NezhaSet } from '../nezha-set.ts'
import { accuracyRows, type Judged } from './judged.ts'
import { keep } from './keep.ts'
import { type Minute, minutesOf } from './minutes.ts'
import { OperationTraces } from './operation-traces.ts'
import { baro } from './peers/baro.ts'
import { rankVariants } from './variants.ts'

const MINUTE_MS = 60_000
/** The minute of the injection and the two after it. */
const WINDOW_MS = 3 * MINUTE_MS
const TOP = 10

/**
 * Share of faults whose service is among the first k causes (AS@k) of a data set in Nezha's layout. The telemetry is read in
 * the order of time and a fault is judged when the minute inject + 2 has been read: nothing later is known, and earlier
 * faults stand in history unmarked. The ranking is the one that runs live, with the live setting.
 */
export async function judgeNezha(set: NezhaSet, { out, quick, progress }: BenchOptions): Promise<Row[]> {
  const telemetry = new FileTelemetry()
  const traces = new OperationTraces()
  const generator = xoroshiro128plus(1)
  const rng = () => uniformFloat64(generator)
  const metrics = (await Promise.all(set.metrics.map(metricSamples))).flat()
  telemetry.addSamples(metrics)
  const faultFree = [...set.faultFree.traces.values()]
  for (const path of quick ? faultFree.slice(0, 2) : faultFree) traces.learn(await spansOf(path, 0))
  const faults = quick ? set.faults.slice(0, 5) : set.faults
  const judged: Judged[] = []
  for (const minute of minutesOf({ ...set, faults })) {
    await read(minute, telemetry, traces)
    for (const fault of faults.filter(({ judgedMinute }) => judgedMinute === minute.name)) {
      const atMs = fault.minuteMs + WINDOW_MS
      const clues = telemetry.clues({ atMs, windowMs: WINDOW_MS })
      const { ranking, named } = rankVariants(clues, { atMs, rng, top: TOP })
      if (set.traces.size > 0) named.set('microrank', traces.blamed(fault.minuteMs, atMs))
      if (metrics.length > 0) named.set('baro', baro(seriesOf(metrics, fault, atMs)))
      const probabilities = ranking.causes.map(({ probability }) => probability)
      const one = { name: fault.name, type: fault.type, cause: fault.service, named, probabilities }
      judged.push(one)
      if (out !== undefined) keep(out, set.name, one, ranking)
      progress(`${set.name} ${fault.name}: ${ranking.causes[0]?.service ?? 'no cause'}`)
    }
    if (judged.length === faults.length) break
  }
  return accuracyRows(set.name, judged)
}

async function read(minute: Minute, telemetry: FileTelemetry, traces: OperationTraces): Promise<void> {
  if (minute.traces !== undefined) {
    const spans = await spansOf(minute.traces, minute.shiftMs)
    telemetry.addSpans(spans)
    traces.add(spans)
  }
  if (minute.logs === undefined) return
  for await (const records of logFile(minute.logs))
    telemetry.addLogs(records.map((each) => ({ ...each, timeMs: each.timeMs + minute.shiftMs })))
}

async function spansOf(path: string, shiftMs: number): Promise<FileSpan[]> {
  const all: FileSpan[] = []
  for await (const spans of traceFile(path))
    for (const span of spans) all.push({ ...span, startMs: span.startMs + shiftMs })
  return all
}

function seriesOf(samples: readonly Sample[], { minuteMs }: Fault, atMs: number) {
  const known = samples.filter(({ timeMs }) => timeMs <= atMs)
  return Array.from(Map.groupBy(known, ({ service, feature }) => `${service}|${feature}`).values(), (of) => ({
    service: of[0]?.service ?? '',
    before: of.filter(({ timeMs }) => timeMs < minuteMs).map(({ value }) => value),
    after: of.filter(({ timeMs }) => timeMs >= minuteMs).map(({ value }) => value),
  }))
}
