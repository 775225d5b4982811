import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import {
  DETECTOR_NAMES,
  type DetectorName,
  defaultPanel,
  defaultSpec,
  isDetectorName,
  plainFeatures,
} from '@adf/detectors'
import { HOST_STREAM, noiseOf, SERVICE_STREAM } from '@adf/processor'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { FileError } from '../files/file-error.ts'
import { medianStepMs, type NumberTable, readNumberTable } from '../files/number-table.ts'
import { UsageError } from '../output/failure.ts'
import { writeAnswer } from '../output/write.ts'
import { globalOptions } from '../program/options.ts'
import { Panel } from '../score/panel.ts'
import type { RowJudge } from '../score/row-judge.ts'
import { Single } from '../score/single.ts'
import { parsePositive, parseWhole } from './arguments.ts'

interface Options {
  readonly train: string
  readonly test: string
  readonly out: string
  readonly detector: DetectorName | typeof PANEL
  readonly stream: StreamName | undefined
  readonly label: string
  readonly alertsPerDay: number
  readonly seed: number
}

/** Rows that a detector needs before its scores mean something. */
const MINIMUM = 100
const HALF_LIFE = 5000
const PANEL = 'panel'
const STREAMS = { service: SERVICE_STREAM, host: HOST_STREAM }
type StreamName = keyof typeof STREAMS
const DAY_MS = 86_400_000
const WEEK_MS = 7 * DAY_MS

/** `adf score`: learns one table of numbers and scores another, row by row, as if it came live. */
export function register(program: Command): void {
  program
    .command('score')
    .description('learn a CSV of numbers and score another one, row by row')
    .requiredOption(
      '--train <file>',
      'CSV with a header, one row a step, gzipped or not; may hold unlabelled anomalies',
    )
    .requiredOption('--test <file>', 'the same columns; each row is scored by what came before it alone')
    .requiredOption('--out <file>', 'where index,score,threshold,is_anomaly,type,top_feature go')
    .option('--detector <name>', [PANEL, ...DETECTOR_NAMES].join(', '), parseDetector, PANEL)
    .addOption(
      new Option(
        '--stream <name>',
        'what the columns are: units, directions, noise and fixed limits of its features are known then',
      ).choices(Object.keys(STREAMS)),
    )
    .option('--label <column>', 'column that is left out of both files, and a column type beside it', 'label')
    .option(
      '--alerts-per-day <n>',
      'alerts that chance alone may make in a day: what the threshold follows from',
      parsePositive,
      0.1,
    )
    .option('--seed <n>', 'seed of detectors that draw at random', parseWhole, 1)
    .action(async (options: Options, command: Command) => {
      const summary = await score(options)
      writeAnswer(
        globalOptions(command).json,
        summary,
        () =>
          `${summary.anomalies} of ${summary.rows} rows are anomalous; threshold ${summary.threshold.toFixed(3)}`,
      )
    })
}

async function score(options: Options) {
  const { train, test, out, detector, label } = options
  const learned = await readNumberTable(train, label)
  const judged = await readNumberTable(test, label)
  sameColumns(train, learned, test, judged)
  if (learned.history.count < MINIMUM)
    throw new FileError(
      train,
      undefined,
      `holds ${learned.history.count} rows; ${MINIMUM} are needed to learn what is normal`,
    )
  const judge = judgeOf(options, learned)
  judge.train(learned.history)
  const offset = offsetOf(learned, judged)
  let anomalies = 0
  const file = createWriteStream(out)
  const failed = once(file, 'error').then(([error]) => {
    throw new UsageError(
      `${out}: cannot be written (${error instanceof Error ? error.message : String(error)})`,
    )
  })
  const lines = async () => {
    file.write('index,score,threshold,is_anomaly,type,top_feature\n')
    for (let i = 0; i < judged.history.count; i++) {
      const timeMs = judged.history.timesMs[i]! + offset
      const { severity, isAnomaly, type, feature } = judge.judge(judged.history.row(i), timeMs)
      if (isAnomaly) anomalies++
      const top = feature === undefined ? '' : judged.columns[feature]!
      const { threshold } = judge
      const line = [i, ranked(severity), threshold, isAnomaly ? 1 : 0, type ?? '', quoted(top)].join(',')
      if (!file.write(`${line}\n`)) await once(file, 'drain')
    }
    file.end()
    await once(file, 'finish')
  }
  await Promise.race([lines(), failed])
  failed.catch(() => {})
  return { rows: judged.history.count, anomalies, threshold: judge.threshold, detector }
}

function judgeOf(
  { train, detector, stream, alertsPerDay, seed }: Options,
  { columns, history }: NumberTable,
): RowJudge {
  const known = stream && featuresOf(train, columns, stream)
  const features =
    known === undefined ? plainFeatures(columns, history) : noiseOf(known, medianStepMs(history))
  const options = { features, halfLife: HALF_LIFE, seed }
  if (detector !== PANEL) return new Single(defaultSpec(detector, options), alertsPerDay)
  if (known === undefined && columns.length === 1)
    return new Single(defaultSpec('ensemble', options), alertsPerDay)
  const learnedMs = history.timesMs.at(-1)! - history.timesMs[0]!
  return new Panel({ members: defaultPanel(options, learnedMs), limits: known ?? [], alertsPerDay })
}

function featuresOf(train: string, columns: readonly string[], stream: StreamName) {
  const { features } = STREAMS[stream]
  return columns.map((column) => {
    const feature = features.find(({ name }) => name === column)
    if (feature !== undefined) return feature
    throw new FileError(train, 1, `${column} is no feature of the stream ${stream}; leave --stream out`)
  })
}

/**
 * Added to the times of the second table, so that they go on after the first. A table without times goes on where the other one
 * ends. One with times of its own that does not is put off by whole weeks: hours and weekdays stay what they are, and
 * what came just before it is not known.
 */
function offsetOf(learned: NumberTable, judged: NumberTable): number {
  const overlap = (learned.history.timesMs.at(-1) ?? 0) - judged.history.timesMs[0]!
  if (overlap < 0) return 0
  if (!judged.timed) return overlap + medianStepMs(learned.history)
  return Math.ceil((overlap + DAY_MS) / WEEK_MS) * WEEK_MS
}

function sameColumns(train: string, { columns }: NumberTable, test: string, other: NumberTable): void {
  const missing = columns.filter((column) => !other.columns.includes(column))
  const extra = other.columns.filter((column) => !columns.includes(column))
  if (missing.length > 0)
    throw new FileError(test, 1, `has no column ${missing.join(', ')}, which ${train} has`)
  if (extra.length > 0)
    throw new FileError(test, 1, `has the column ${extra.join(', ')}, which ${train} has not`)
  const moved = columns.findIndex((column, i) => column !== other.columns[i])
  if (moved >= 0)
    throw new FileError(test, 1, `has the columns of ${train} in another order, from ${columns[moved]} on`)
}

/** Up to here a score is what it is everywhere; what is beyond would be cut at 1, and could not be ranked. */
const EXACT = 0.95

/** The score as it is up to 0.95; from there on it nears 1 without reaching it, smoothly, and never two severities alike. */
function ranked(severity: number): number {
  const left = 1 - EXACT
  return severity <= EXACT ? severity : 1 - left ** 2 / (severity - EXACT + left)
}

const quoted = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

function parseDetector(name: string): Options['detector'] {
  if (name === PANEL || isDetectorName(name)) return name
  throw new InvalidArgumentError(`not one of ${[PANEL, ...DETECTOR_NAMES].join(', ')}`)
}
