import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import {
  DETECTOR_NAMES,
  type DetectorName,
  defaultSpec,
  isDetectorName,
  OnlineDetector,
  plainFeatures,
} from '@adf/detectors'
import { type Command, InvalidArgumentError } from 'commander'
import { FileError } from '../files/file-error.ts'
import { type NumberTable, readNumberTable } from '../files/number-table.ts'
import { UsageError } from '../output/failure.ts'
import { writeAnswer } from '../output/write.ts'
import { globalOptions } from '../program/options.ts'
import { parsePositive, parseWhole } from './arguments.ts'

interface Options {
  readonly train: string
  readonly test: string
  readonly out: string
  readonly detector: DetectorName
  readonly label: string
  readonly alertsPerDay: number
  readonly seed: number
}

/** Rows that a detector needs before its scores mean something. */
const MINIMUM = 100
const HALF_LIFE = 5000

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
    .option('--detector <name>', DETECTOR_NAMES.join(', '), parseDetector, 'ensemble')
    .option('--label <column>', 'column that is left out of both files', 'label')
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

async function score({ train, test, out, detector: name, label, alertsPerDay, seed }: Options) {
  const learned = await readNumberTable(train, label)
  const judged = await readNumberTable(test, label)
  sameColumns(train, learned, test, judged)
  if (learned.history.count < MINIMUM)
    throw new FileError(
      train,
      undefined,
      `holds ${learned.history.count} rows; ${MINIMUM} are needed to learn what is normal`,
    )
  const features = plainFeatures(learned.columns, learned.history)
  const detector = new OnlineDetector({
    detector: defaultSpec(name, { features, halfLife: HALF_LIFE, seed }),
    alertsPerDay,
  })
  detector.train(learned.history)
  // A file without times of its own goes on where the other one ends.
  const offset = Math.max(0, (learned.history.timesMs.at(-1) ?? 0) - judged.history.timesMs[0]!)
  const file = createWriteStream(out)
  const failed = once(file, 'error').then(([error]) => {
    throw new UsageError(
      `${out}: cannot be written (${error instanceof Error ? error.message : String(error)})`,
    )
  })
  const lines = async () => {
    file.write('index,score,threshold,is_anomaly,type,top_feature\n')
    for (let i = 0; i < judged.history.count; i++) {
      const { severity, threshold, isAnomaly, explanation } = detector.detect(
        judged.history.row(i),
        judged.history.timesMs[i]! + offset,
      )
      const top = explanation === undefined ? '' : judged.columns[largest(explanation.parts)]!
      const line = [
        i,
        ranked(severity),
        threshold,
        isAnomaly ? 1 : 0,
        isAnomaly ? 'point' : '',
        quoted(top),
      ].join(',')
      if (!file.write(`${line}\n`)) await once(file, 'drain')
    }
    file.end()
    await once(file, 'finish')
  }
  await Promise.race([lines(), failed])
  failed.catch(() => {})
  const { vectors, anomalies, threshold } = detector.statistics()
  return { rows: vectors, anomalies, threshold, detector: name }
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

const largest = (parts: Float64Array): number => parts.indexOf(Math.max(...parts))

const quoted = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

function parseDetector(name: string): DetectorName {
  if (!isDetectorName(name)) throw new InvalidArgumentError(`not one of ${DETECTOR_NAMES.join(', ')}`)
  return name
}
