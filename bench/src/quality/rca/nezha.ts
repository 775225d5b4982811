import { type FileSpan, FileTelemetry, logFile, metricSamples, traceFile } from '@adf/cli'
import type { Sample } from '@adf/processor'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { BenchOptions, Row } from '../../suite.ts'
import { type Fault, minuteOf, type NezhaSet } from '../nezha-set.ts'
import { accuracyRows, type Judged } from './judged.ts'
import { keep } from './keep.ts'
import { OperationTraces } from './operation-traces.ts'
import { baro } from './peers/baro.ts'

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
  const metrics = (await Promise.all(set.metrics.map(metricSamples))).flat()
  telemetry.addSamples(metrics)
  for (const path of quick ? set.faultFree.slice(0, 2) : set.faultFree) traces.learn(await spansOf(path))
  const faults = quick ? set.faults.slice(0, 5) : set.faults
  const judged: Judged[] = []
  const last = faults.at(-1)?.judgedFile ?? ''
  for (const path of set.traces.filter((trace) => trace <= last)) {
    const spans = await spansOf(path)
    telemetry.addSpans(spans)
    traces.add(spans)
    const log = set.logs.get(minuteOf(path))
    if (log !== undefined) for await (const records of logFile(log)) telemetry.addLogs(records)
    for (const fault of faults.filter(({ judgedFile }) => judgedFile === path)) {
      const rng = () => uniformFloat64(generator)
      const atMs = fault.minuteMs + WINDOW_MS
      const ranking = telemetry.rank({ atMs, windowMs: WINDOW_MS, top: TOP, rng })
      const one = {
        name: fault.name,
        type: fault.type,
        cause: fault.service,
        named: new Map([
          ['adf', ranking.causes.map(({ service }) => service)],
          ...Object.entries(ranking.comparators),
          ['microrank', traces.blamed(fault.minuteMs, atMs)],
          ['baro', baro(seriesOf(metrics, fault, atMs))],
        ]),
      }
      judged.push(one)
      if (out !== undefined) keep(out, set.name, one, ranking)
      progress(`${set.name} ${fault.name}: ${ranking.causes[0]?.service ?? 'no cause'}`)
    }
  }
  return accuracyRows(set.name, judged)
}

async function spansOf(path: string): Promise<FileSpan[]> {
  const all: FileSpan[] = []
  for await (const spans of traceFile(path)) all.push(...spans)
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
