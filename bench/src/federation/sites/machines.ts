import { type Feature, History, standardised } from '@adf/detectors'
import { noiseOf, type StreamSpec } from '@adf/processor'
import { machineCases } from '../../quality/detection/data/machines.ts'
import { periodOf } from '../../quality/detection/measures/period.ts'
import { Missing } from '../../suite.ts'
import { gather } from './gather.ts'
import { networkOf, STREAM } from './setup.ts'
import type { Site } from './site.ts'

const MINUTE_MS = 60_000
/** Vectors of a run, and runs that nobody has seen, at most. */
const RUN = 512
const MOST_UNSEEN = 16

export interface SitesOptions {
  /** Folder of the data sets. */
  readonly data: string
  /** Machines, from the first on, in the order of their names. */
  readonly from?: number
  readonly count: number
  /** Rows that each is fed. */
  readonly rows: number
  /** Rows of the parts that its detector is fitted to and judged by; left out: all. */
  readonly judgedRows?: number | undefined
}

/** Machines of SMD as sites. @throws Missing when there are fewer in the folder */
export async function readSites({ data, from = 0, count, rows, judgedRows }: SitesOptions): Promise<Site[]> {
  const sources = machineCases(data, 'smd', MINUTE_MS).filter(({ name }) => name.startsWith('smd/'))
  if (sources.length < from + count)
    throw new Missing(
      `${sources.length} machines smd/ID.train.csv.gz under ${data}, of which ${from + count} are needed; name the folder of the data sets with --data or ADF_DATA`,
    )
  const sites: Site[] = []
  for (const source of sources.slice(from, from + count)) {
    const { name, train, test, labels } = source.load()
    const judged = labelled(labels, judgedRows ?? test.count)
    const stream = streamOf(train.width)
    const features = noiseOf(stream.features, 0)
    const inPercent = percent(train)
    const fed = inPercent.slice(0, rows)
    const first = Float64Array.from({ length: test.count }, (_, row) => test.row(row)[0]!)
    sites.push({
      name,
      features,
      network: networkOf(train.width),
      fed,
      ...(await gather(fed, stream, features)),
      unseen: runsFrom(inPercent, fed.count, MOST_UNSEEN, features),
      train: inPercent.slice(0, judgedRows ?? train.count),
      test: percent(test).slice(judged.from, judged.to),
      labels: labels.slice(judged.from, judged.to),
      vusWindow: periodOf(first),
    })
  }
  return sites
}

/** Runs of a history, from a row on, whatever is in them. */
export function runsFrom(
  history: History,
  row: number,
  most: number,
  features: readonly Feature[],
): Float32Array[] {
  const runs: Float32Array[] = []
  for (let from = row; from + RUN <= history.count && runs.length < most; from += RUN)
    runs.push(standardised(features, history.slice(from, from + RUN)))
  return runs
}

/** The stream as a processor declares it: columns in per cent of their range. */
const streamOf = (width: number): StreamSpec => ({
  name: STREAM,
  entityKind: 'event',
  features: Array.from({ length: width }, (_, column) => ({
    name: `f${column}`,
    unit: '%',
    direction: 'both' as const,
  })),
})

/** The set is scaled to [0, 1], column by column. */
const percent = ({ width, values, timesMs }: History) =>
  new History(
    width,
    values.map((value) => 100 * value),
    timesMs,
  )

/** So many rows around the first anomaly. */
function labelled(labels: Uint8Array, rows: number): { from: number; to: number } {
  const from = Math.max(0, Math.min(labels.indexOf(1) - (rows >> 1), labels.length - rows))
  return { from, to: Math.min(labels.length, from + rows) }
}
