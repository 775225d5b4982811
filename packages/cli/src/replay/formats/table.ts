import { instant, isFigure, numberOfCell, TIME_COLUMNS } from '../../files/cells.ts'
import { FileError } from '../../files/file-error.ts'
import { csvRows } from '../../files/pod-csv.ts'
import type { Recorded, Recording } from '../record.ts'

const LABEL = 'label'
/** Beside a label: what kind of anomaly it is. */
const TYPE = 'type'
/** Rows without a time begin here. */
const EPOCH_MS = Date.UTC(2000, 0, 1)
const CHUNK = 1024
/** What a stream takes. */
const MAX_FEATURES = 256

/** A CSV file of numbers: one row a step, columns are features. */
export interface Table {
  readonly features: readonly string[]
  /** Its column of times; undefined: rows are `intervalMs` apart. */
  readonly time: string | undefined
  readonly fromMs: number
  /** Between its first two rows; undefined without times. */
  readonly intervalMs: number | undefined
}

/** Undefined: the file is no table of numbers. */
export function tableOf(
  header: string,
  row: string | undefined,
  next: string | undefined,
): Table | undefined {
  const columns = header
    .replace(/^\uFEFF/, '')
    .split(',')
    .map((column) => column.trim().replace(/^"(.*)"$/, '$1'))
  const cells = row?.split(',') ?? []
  const times = columns.filter((column) => TIME_COLUMNS.includes(column.toLowerCase()))
  const noted = columns.includes(LABEL) ? [LABEL, TYPE] : [LABEL]
  const features = columns.filter((column) => !times.includes(column) && !noted.includes(column))
  const numeric = columns.every(
    (column, i) => times.includes(column) || noted.includes(column) || isFigure(cells[i] ?? ''),
  )
  if (cells.length !== columns.length || times.length > 1 || features.length === 0 || !numeric)
    return undefined
  if (new Set(columns).size < columns.length || features.length > MAX_FEATURES) return undefined
  const [time] = times
  if (time === undefined) return { features, time, fromMs: EPOCH_MS, intervalMs: undefined }
  const timeOf = (text: string | undefined) => instant(text?.split(',')[columns.indexOf(time)] ?? '')
  const fromMs = timeOf(row)
  const intervalMs = timeOf(next) - fromMs
  return Number.isNaN(fromMs)
    ? undefined
    : { features, time, fromMs, intervalMs: intervalMs > 0 ? intervalMs : undefined }
}

/** A table is played as events of a stream; each file is an entity. */
export function tableRecording(
  path: string,
  table: Table,
  played: { stream: string; entity: string; names: readonly string[]; intervalMs: number },
  bytes: number,
): Recording {
  const { features, time, fromMs } = table
  const { stream, entity, names, intervalMs } = played
  const signals = new Set(['rows'] as const)
  return {
    path,
    format: 'CSV of numbers',
    bytes,
    fromMs,
    signals,
    intervalMs: table.intervalMs ?? intervalMs,
    read,
  }

  async function* read(passed: (bytes: number) => void): AsyncGenerator<readonly Recorded[]> {
    let chunk: Recorded[] = []
    let [rows, lastMs] = [0, Number.NEGATIVE_INFINITY]
    for await (const { line, values } of csvRows(path, features)) {
      const timeMs = time === undefined ? EPOCH_MS + rows * intervalMs : instant(values[time] ?? '')
      rows++
      if (Number.isNaN(timeMs))
        throw new FileError(
          path,
          line,
          `${time} is ${JSON.stringify(values[time ?? ''])}, expected a date and time or Unix time`,
        )
      if (timeMs < lastMs) throw new FileError(path, line, 'goes back in time: sort the rows by time')
      lastMs = timeMs
      const fields = { entity, timestamp: timeMs, ...numbers(values, path, line) }
      chunk.push({ kind: 'row', timeMs, stream, fields })
      if (chunk.length < CHUNK) continue
      yield chunk
      chunk = []
    }
    passed(bytes)
    yield chunk
  }

  function numbers(values: Readonly<Record<string, string>>, path: string, line: number) {
    const fields: Record<string, number> = {}
    for (const [i, feature] of features.entries()) {
      const text = values[feature] ?? ''
      const value = numberOfCell(text)
      if (value === undefined)
        throw new FileError(path, line, `${feature} is ${JSON.stringify(text)}, expected a number`)
      if (!Number.isNaN(value)) fields[names[i] ?? feature] = value
    }
    return fields
  }
}

/** Names of the features of a stream, made of the columns. */
export function featureNames(columns: readonly string[]): string[] {
  const names: string[] = []
  for (const column of columns) {
    const plain = column
      .toLowerCase()
      .replace(/[^a-z0-9_]+/g, '_')
      .replace(/^_+|_+$/g, '')
    const name = /^[a-z]/.test(plain) ? plain : `column_${plain}`
    const same = names.filter((other) => other === name || other.startsWith(`${name}_`)).length
    names.push(names.includes(name) ? `${name}_${same + 1}` : name)
  }
  return names
}
