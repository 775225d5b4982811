import { existsSync } from 'node:fs'
import type { CaseSource } from '../quality/detection/data/case.ts'
import { machineCases, machineSets } from '../quality/detection/data/machines.ts'
import { Missing } from '../suite.ts'
import { type Rows, score } from './score.ts'
import { type ScoredEntity, type ScoredStream, scoredEntity } from './scored-stream.ts'

const MINUTE_MS = 60_000
/** Machines of a set that `quick` keeps. */
const QUICK = 3

/**
 * Peaks of real machines with labelled trouble (SMD, ASD), as our default detector scores them after learning from their train part. An
 * episode is useful when a labelled row is in it. The untuned threshold of a machine is the median of the detector's own.
 *
 * @throws Missing when neither set is there
 */
export function recordedStreams(
  data: string,
  quick: boolean,
  progress: (text: string) => void,
): ScoredStream[] {
  const streams = machineSets.flatMap(({ set, stepMs }) => {
    if (quick && set === 'smd') return []
    const sources = machineCases(data, set, stepMs).filter(({ name }) => name.startsWith(`${set}/`))
    const kept = quick ? sources.slice(0, QUICK) : sources
    if (kept.length === 0) return []
    const entities = kept.map((source) => recorded(source, set, stepMs / MINUTE_MS, progress))
    const last = Math.max(...entities.map(({ peaks }) => peaks.at(-1)?.minute ?? 0))
    return [{ name: set, entities, fromMinute: 0, toMinute: last + 1 }]
  })
  if (streams.length === 0)
    throw new Missing(
      `no smd/ID.train.csv.gz or asd/ID.train.csv.gz under ${data}; name the folder of the data sets with --data or ADF_DATA${existsSync(data) ? '' : ', which is not there'}`,
    )
  return streams
}

function recorded(
  { name, load }: CaseSource,
  set: string,
  minutes: number,
  progress: (text: string) => void,
): ScoredEntity {
  const { train, test, labels } = load()
  const rows: Rows = { train, test }
  const { severities, threshold } = score(rows)
  progress(`scored ${name}, untuned threshold ${threshold.toFixed(2)}`)
  const peaks = Array.from(severities, (severity, row) => ({ minute: row * minutes, severity }))
  return scoredEntity({ stream: set, id: name, kind: set }, threshold, peaks, (minute) => {
    const row = minute / minutes
    return Number.isInteger(row) && labels[row] === 1
  })
}
