import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Benchmark, BenchOptions, Row } from '../../suite.ts'
import type { Contestant } from './contestant.ts'
import type { CaseSource } from './data/case.ts'
import { caseSources } from './data/sources.ts'
import { runChild } from './exchange/child.ts'
import { readScored, writeCase, writeIndex } from './exchange/folder.ts'
import { judge, type Truth } from './judge.ts'
import type { Judged } from './judged.ts'
import { meansOf, nabOf } from './means.ts'
import { periodOf } from './measures/period.ts'
import { howToGet, NoPython, peerContestants } from './peers/peers.ts'
import { writeRaw } from './raw.ts'
import { ownContestants } from './subjects/own.ts'

/**
 * Every detector on every labelled case under the folder of the data sets, online and without labels; with `--peers` published
 * detectors in the same run. Cases, measures and peers: README.md.
 */
export const detection: Benchmark = {
  suite: 'quality',
  name: 'detection',
  describe: 'detectors on labelled data (SMD, ASD, NAB): VUS-PR, AUC-PR, F1 without labels, NAB; --peers',
  run: (options) => runDetection(options, ownContestants()),
}

/** The benchmark with a choice of our detectors. */
export async function runDetection(options: BenchOptions, own: readonly Contestant[]): Promise<Row[]> {
  const { data, quick, progress } = options
  const sources = caseSources(data, quick)
  const folder = mkdtempSync(join(tmpdir(), 'adf-bench-detection-'))
  try {
    const truths = prepare(folder, sources, progress)
    const contestants = [...own, ...(options.peers ? await peersOf(progress) : [])]
    const rows: Row[] = []
    const means: Row[] = []
    for (const contestant of contestants) {
      const judged = await compete(contestant, folder, truths, options)
      rows.push(...caseRows(contestant.name, judged))
      means.push(...meanRows(contestant.name, judged))
      for (const { case: name, measure, value } of means.filter(
        (row) => row.subject === contestant.name && row.measure === 'vus_pr',
      ))
        progress(`${contestant.name} ${name}: ${measure} ${value.toFixed(3)}`)
    }
    return [...rows, ...means.sort((a, b) => order(truths, a.case) - order(truths, b.case))]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function prepare(folder: string, sources: readonly CaseSource[], progress: (text: string) => void): Truth[] {
  const widths: number[] = []
  const truths = sources.map((source, index) => {
    const { train: _, test, ...loaded } = prepared(folder, source, index)
    widths.push(test.width)
    const first = Float64Array.from({ length: test.count }, (_, i) => test.row(i)[0]!)
    return { ...loaded, vusWindow: periodOf(first) }
  })
  writeIndex(
    folder,
    truths.map(({ name }, index) => ({ index, name, width: widths[index]! })),
  )
  progress(`${truths.length} cases`)
  return truths
}

function prepared(folder: string, source: CaseSource, index: number) {
  const loaded = source.load()
  writeCase(folder, index, loaded)
  return loaded
}

async function peersOf(progress: (text: string) => void): Promise<Contestant[]> {
  try {
    return await peerContestants(process.env)
  } catch (error) {
    if (!(error instanceof NoPython)) throw error
    progress(`no peers: ${error.message}`)
    return []
  }
}

/** Has the cases scored by a detector in its own process, and judges each as it comes. */
async function compete(
  { name, command, argv, peer }: Contestant,
  folder: string,
  truths: readonly Truth[],
  { out, progress }: BenchOptions,
): Promise<Judged[]> {
  const judged: Judged[] = []
  try {
    const { missing } = await runChild(command, argv(folder), (index, cost) => {
      const truth = truths[index]
      if (truth === undefined) throw new Error(`${name}: there is no case ${index}`)
      const scored = readScored(folder, name, index, truth.labels.length)
      if (out !== undefined) writeRaw(out, truth.name, name, truth.offset, scored)
      judged.push({ truth, scored, judgement: judge(truth, scored, cost) })
    })
    if (missing === undefined) return judged
    progress(`${name} left out: ${missing}; ${howToGet}`)
  } catch (error) {
    if (!peer) throw error
    progress(`${name} left out: ${error instanceof Error ? error.message : String(error)}`)
  }
  return []
}

function caseRows(subject: string, judged: readonly Judged[]): Row[] {
  const nab = nabOf(judged)
  return judged.flatMap((one) =>
    rowsOf(subject, one.truth.name, [...one.judgement, ...(one.truth.windows ? nab([one]) : [])]),
  )
}

/** A detector that could not run has one row that says so. */
function meanRows(subject: string, judged: readonly Judged[]): Row[] {
  if (judged.length === 0) return rowsOf(subject, 'left_out', [['cases', 0]])
  return [...meansOf(judged)].flatMap(([name, values]) => rowsOf(subject, `${name}:mean`, [...values]))
}

function rowsOf(subject: string, name: string, values: readonly (readonly [string, number])[]): Row[] {
  return values.map(([measure, value]) => ({ suite: 'quality', case: name, subject, measure, value }))
}

/** Aggregates in the order of the data, what was left out last. */
function order(truths: readonly Truth[], name: string): number {
  const means = [...new Set(truths.flatMap((truth) => truth.means))]
  const position = means.indexOf(name.replace(/:mean$/, ''))
  return position < 0 ? means.length : position
}
