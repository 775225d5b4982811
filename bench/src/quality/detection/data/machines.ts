import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { History } from '@adf/detectors'
import type { CaseSource } from './case.ts'
import { DataError, numberIn, readCells } from './numbers.ts'
import { historyBefore, shortTrainRows } from './protocol.ts'

const MINUTE_MS = 60_000
/** Monday; the files have no times of their own. */
const EPOCH_MS = Date.UTC(2024, 0, 1)
const TRAIN = '.train.csv.gz'
const LABEL = 'label'

/** Sets of machines in files `ID.train.csv.gz` and `ID.test.csv.gz`, the latter with a last column `label`. */
export const machineSets = [
  { set: 'smd', stepMs: MINUTE_MS },
  { set: 'asd', stepMs: 5 * MINUTE_MS },
] as const

/** Every machine of a set in both protocols; none when the folder is not there. */
export function machineCases(data: string, set: string, stepMs: number): CaseSource[] {
  const folder = join(data, set)
  if (!existsSync(folder)) return []
  const ids = readdirSync(folder)
    .filter((file) => file.endsWith(TRAIN))
    .map((file) => file.slice(0, -TRAIN.length))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  return [set, `${set}-short`].flatMap((protocol) =>
    ids.map((id) => ({
      name: `${protocol}/${id}`,
      load: () => {
        const { test, labels, columns } = readTest(join(folder, `${id}.test.csv.gz`), stepMs)
        const train =
          protocol === set
            ? readTrain(join(folder, `${id}${TRAIN}`), columns, stepMs)
            : historyBefore(test, shortTrainRows(labels))
        return {
          name: `${protocol}/${id}`,
          means: [protocol],
          train,
          test,
          labels,
          offset: 0,
          windows: undefined,
        }
      },
    })),
  )
}

function readTest(path: string, stepMs: number) {
  const { header, rows } = readCells(path)
  if (header.at(-1) !== LABEL) throw new DataError(`${path}:1: the last column is not ${LABEL}`)
  const columns = header.slice(0, -1)
  const labels = Uint8Array.from(rows, (row, i) => {
    const cell = row.at(-1) ?? ''
    const value = numberIn(path, i + 2, cell)
    if (value !== 0 && value !== 1)
      throw new DataError(`${path}:${i + 2}: the label ${cell} is neither 0 nor 1`)
    return value
  })
  return { columns, labels, test: historyOf(path, rows, columns.length, EPOCH_MS, stepMs) }
}

/** The rows right before the test's; a label column is left out. */
function readTrain(path: string, columns: readonly string[], stepMs: number): History {
  const { header, rows } = readCells(path)
  const own = header.filter((name) => name !== LABEL)
  if (own.join() !== columns.join())
    throw new DataError(`${path}:1: columns ${own.join()} are not those of the test file, ${columns.join()}`)
  if (header.indexOf(LABEL) !== -1 && header.at(-1) !== LABEL)
    throw new DataError(`${path}:1: ${LABEL} is not the last column`)
  return historyOf(path, rows, columns.length, EPOCH_MS - rows.length * stepMs, stepMs)
}

function historyOf(path: string, rows: readonly string[][], width: number, fromMs: number, stepMs: number) {
  if (width === 0) throw new DataError(`${path}:1: no columns`)
  const values = new Float64Array(rows.length * width)
  const times = new Float64Array(rows.length)
  for (const [i, row] of rows.entries()) {
    for (let j = 0; j < width; j++) values[i * width + j] = numberIn(path, i + 2, row[j] ?? '')
    times[i] = fromMs + i * stepMs
  }
  return new History(width, values, times)
}
