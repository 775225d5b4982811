import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { FileTelemetry, logFile, metricSamples, traceFile } from '@adf/cli'
import type { Ranking } from '@adf/contract'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import type { Benchmark, BenchOptions, Row } from '../suite.ts'
import { type Fault, minuteOf, type NezhaSet, nezhaSets } from './nezha-set.ts'

const MINUTE_MS = 60_000
/** The minute of the injection and the two after it. */
const WINDOW_MS = 3 * MINUTE_MS
const TOP = 10
const DEPTHS = [1, 3, 5]
const SUBJECTS = ['adf', 'random', 'max_z', 'pagerank'] as const
type Subject = (typeof SUBJECTS)[number]

/**
 * Share of faults whose service is among the first k causes (AS@k), on every data set in Nezha's layout. The telemetry is
 * read in the order of time and a fault is judged when the minute inject + 2 has been read: nothing later is known,
 * and earlier faults stand in history unmarked. The ranking is the one that runs live, with the live setting.
 */
export const nezha: Benchmark = {
  suite: 'quality',
  name: 'nezha',
  describe: 'root causes of the faults of Nezha: AS@1, AS@3, AS@5 beside random, max-z and PageRank',
  async run(options) {
    const rows: Row[] = []
    for (const set of nezhaSets(options.data)) rows.push(...(await judgeSet(set, options)))
    return rows
  },
}

async function judgeSet(set: NezhaSet, { out, quick, progress }: BenchOptions): Promise<Row[]> {
  const telemetry = new FileTelemetry()
  const generator = xoroshiro128plus(1)
  for (const path of set.metrics) telemetry.addSamples(await metricSamples(path))
  const faults = quick ? set.faults.slice(0, 5) : set.faults
  const ranks = new Map<Subject, number[]>(SUBJECTS.map((subject) => [subject, []]))
  const last = faults.at(-1)?.judgedFile ?? ''
  for (const path of set.traces.filter((trace) => trace <= last)) {
    for await (const spans of traceFile(path)) telemetry.addSpans(spans)
    const log = set.logs.get(minuteOf(path))
    if (log !== undefined) for await (const records of logFile(log)) telemetry.addLogs(records)
    for (const fault of faults.filter(({ judgedFile }) => judgedFile === path)) {
      const rng = () => uniformFloat64(generator)
      const ranking = telemetry.rank({ atMs: fault.minuteMs + WINDOW_MS, windowMs: WINDOW_MS, top: TOP, rng })
      for (const subject of SUBJECTS) {
        const services = servicesOf(ranking, subject)
        ranks.get(subject)?.push(services.indexOf(fault.service))
        if (out !== undefined) keep(out, set.name, fault, subject, ranking, services)
      }
      progress(`${set.name} ${fault.name}: ${ranking.causes[0]?.service ?? 'no cause'}`)
    }
  }
  return SUBJECTS.flatMap((subject) =>
    DEPTHS.map((depth) => {
      const positions = ranks.get(subject) ?? []
      const hits = positions.filter((position) => position >= 0 && position < depth).length
      return {
        suite: 'quality',
        case: `${set.name}:mean`,
        subject,
        measure: `as@${depth}`,
        value: hits / positions.length,
      }
    }),
  )
}

function servicesOf(ranking: Ranking, subject: Subject): readonly string[] {
  return subject === 'adf' ? ranking.causes.map(({ service }) => service) : ranking.comparators[subject]
}

function keep(
  out: string,
  set: string,
  fault: Fault,
  subject: Subject,
  ranking: Ranking,
  services: readonly string[],
): void {
  mkdirSync(join(out, set), { recursive: true })
  const causes = subject === 'adf' ? { causes: ranking.causes } : {}
  const text = JSON.stringify({
    at: ranking.at,
    fault: { service: fault.service, type: fault.type },
    services,
    ...causes,
  })
  writeFileSync(join(out, set, `${fault.name}.${subject}.json`), `${text}\n`)
}
