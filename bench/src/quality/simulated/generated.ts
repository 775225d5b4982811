import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { runAdf, temporaryFolder } from '../../../../test/harness/process.ts'
import type { Benchmark, Row } from '../../suite.ts'
import { segmentsOf } from '../detection/measures/segments.ts'
import { countEvents, measuresOf, sumOf } from './events.ts'

/** Those on which nothing was tuned. */
const SEEDS = [101, 102, 103, 104, 105]
const RULE = { gap: 2, beside: 5 }
/** Share of the file that the shortest history has. */
const TENTH = 0.1

const HISTORIES = ['first-tenth', 'day-before', 'file-itself'] as const
type HistoryName = (typeof HISTORIES)[number]

/** `adf generate` data scored by `adf score` with its defaults, by itself and with the stream named. */
export const generatedFiles: Benchmark = {
  suite: 'quality',
  name: 'generated',
  describe:
    '`adf score` on `adf generate` data: precision and recall of whole anomalies, by what was learned from',
  run: async ({ quick, progress }) => {
    const rows: Row[] = []
    const folder = temporaryFolder()
    try {
      const files = await Promise.all(
        (quick ? SEEDS.slice(0, 1) : SEEDS).map((seed) => filesOf(folder.path, seed)),
      )
      for (const history of HISTORIES)
        for (const stream of [undefined, 'service']) {
          const judged = []
          for (const each of files) judged.push(await judgedOf(each[history], stream))
          const name = `generated/${history}${stream === undefined ? '' : `/${stream}`}`
          const measures = {
            ...measuresOf(sumOf(judged.map(({ counts }) => counts))),
            type_right: rightShare(judged.flatMap(({ types }) => types)),
          }
          progress(
            `${name}: precision ${measures.precision.toFixed(3)}, recall ${measures.recall.toFixed(3)}`,
          )
          for (const [measure, value] of Object.entries(measures))
            rows.push({ suite: 'quality', case: name, subject: 'adf', measure, value })
        }
      return rows
    } finally {
      folder.remove()
    }
  },
}

/** What is learned from, and what is judged. */
interface Files {
  readonly learned: string
  readonly judged: string
}

/** A day of rows, alone and with its beginning; and two days of rows, of which the second one is judged. */
async function filesOf(folder: string, seed: number): Promise<Record<HistoryName, Files>> {
  const generated = async (hours: number) => {
    const file = join(folder, `${seed}.${hours}.csv`)
    await succeeds(['generate', '--seed', `${seed}`, '--hours', `${hours}`, '--out', file])
    const [header, ...rows] = readFileSync(file, 'utf8').trimEnd().split('\n')
    const part = (name: string, from: number, to: number) => {
      const path = `${file}.${name}.csv`
      writeFileSync(path, `${[header, ...rows.slice(from * rows.length, to * rows.length)].join('\n')}\n`)
      return path
    }
    return { file, part }
  }
  const day = await generated(24)
  const two = await generated(48)
  return {
    'first-tenth': { learned: day.part('tenth', 0, TENTH), judged: day.file },
    'file-itself': { learned: day.file, judged: day.file },
    'day-before': { learned: two.part('before', 0, 0.5), judged: two.part('day', 0.5, 1) },
  }
}

async function judgedOf({ learned, judged }: Files, stream: string | undefined) {
  const out = `${judged}.scores.csv`
  const named = stream === undefined ? [] : ['--stream', stream]
  await succeeds(['score', '--train', learned, '--test', judged, '--out', out, ...named])
  const rows = rowsOf(judged)
  const scored = rowsOf(out)
  const labels = Uint8Array.from(rows, ({ label }) => Number(label))
  const flags = Uint8Array.from(scored, ({ is_anomaly }) => Number(is_anomaly))
  const types = segmentsOf(labels).flatMap(({ from, to }): NamedType[] => {
    const said = mostCommon(scored.slice(from, to).flatMap(({ type }) => (type ? [type] : [])))
    return said === undefined ? [] : [{ said, is: rows[from]?.['type'] ?? '' }]
  })
  return { counts: countEvents(labels, flags, RULE), types }
}

/** Of an anomaly that was found: the type that most of its flagged rows were given, and its own. */
interface NamedType {
  readonly said: string
  readonly is: string
}

const rightShare = (types: readonly NamedType[]): number =>
  types.filter(({ said, is }) => said === is).length / types.length

function mostCommon(values: readonly string[]): string | undefined {
  const counts = Map.groupBy(values, (value) => value)
  return [...counts].toSorted(([, a], [, b]) => b.length - a.length)[0]?.[0]
}

const rowsOf = (file: string): Record<string, string>[] =>
  parse(readFileSync(file, 'utf8'), { columns: true })

async function succeeds(args: readonly string[]): Promise<void> {
  const adf = runAdf(args)
  if ((await adf.exited) !== 0) throw new Error(`adf ${args.join(' ')}: ${adf.output()}`)
}
