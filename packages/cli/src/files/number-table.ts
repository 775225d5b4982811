import { History } from '@adf/detectors'
import { instant, numberOfCell, TIME_COLUMNS } from './cells.ts'
import { FileError } from './file-error.ts'
import { csvRows } from './pod-csv.ts'

/** Rows without a time are one minute apart. */
const STEP_MS = 60_000
const MAX_COLUMNS = 1024
/** What kind of anomaly the label stands for, as `adf generate` writes it. */
const TYPE_COLUMN = 'type'

/** Columns of numbers in time order; missing cells are NaN. */
export interface NumberTable {
  readonly columns: readonly string[]
  readonly history: History
  /** Whether the times are the table's own. */
  readonly timed: boolean
}

/**
 * A CSV file of numbers, gzipped or not: a header, one row a step. A column `timestamp` or `time` gives the times; `label` is left
 * out, and a column `type` of a table that has the label. Throws FileError with file and line for ragged rows, cells that are no numbers, times that go back, and files without rows.
 */
export async function readNumberTable(path: string, label: string | undefined): Promise<NumberTable> {
  let columns: string[] | undefined
  let time: string | undefined
  const rows: Float64Array[] = []
  const timesMs: number[] = []
  for await (const { line, values } of csvRows(path, [])) {
    if (columns === undefined) {
      const all = Object.keys(values)
      time = all.find((column) => TIME_COLUMNS.includes(column.toLowerCase()))
      const out = label !== undefined && all.includes(label) ? [time, label, TYPE_COLUMN] : [time]
      columns = all.filter((column) => !out.includes(column))
      if (columns.length === 0) throw new FileError(path, 1, 'no column of numbers')
      if (columns.length > MAX_COLUMNS)
        throw new FileError(path, 1, `${columns.length} columns of numbers, at most ${MAX_COLUMNS} are taken`)
    }
    timesMs.push(timeOf(path, line, time, values, timesMs))
    rows.push(
      Float64Array.from(columns, (column) => {
        const value = numberOfCell(values[column] ?? '')
        if (value !== undefined) return value
        throw new FileError(path, line, `${column} is ${JSON.stringify(values[column])}, expected a number`)
      }),
    )
  }
  if (columns === undefined) throw new FileError(path, undefined, 'holds no rows of numbers')
  return { columns, history: History.of(rows, timesMs), timed: time !== undefined }
}

function timeOf(
  path: string,
  line: number,
  column: string | undefined,
  values: Readonly<Record<string, string>>,
  before: readonly number[],
): number {
  if (column === undefined) return before.length * STEP_MS
  const text = values[column] ?? ''
  const timeMs = instant(text)
  if (Number.isNaN(timeMs))
    throw new FileError(
      path,
      line,
      `${column} is ${JSON.stringify(text)}, expected a date and time or Unix time`,
    )
  const last = before.at(-1)
  if (last !== undefined && timeMs < last)
    throw new FileError(path, line, 'goes back in time: sort the rows by time')
  return timeMs
}

/** Time from one row to the next. */
export function medianStepMs({ timesMs }: History): number {
  const steps = timesMs.subarray(1).map((timeMs, i) => timeMs - timesMs[i]!)
  const step = steps.sort()[steps.length >> 1] ?? 0
  return step > 0 ? step : STEP_MS
}
