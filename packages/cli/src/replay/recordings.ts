import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Config } from '@adf/processor'
import { FileError } from '../files/file-error.ts'
import { jaegerSpans } from '../files/jaeger.ts'
import { reason } from '../files/open.ts'
import { POD_SPAN_COLUMNS } from '../files/pod-csv.ts'
import { type FileHead, fileHead } from './file-head.ts'
import { isOtlp, otlpRecording } from './formats/otlp.ts'
import { POD_LOG_COLUMNS, POD_METRIC_COLUMNS, podLogRecording, podMetricRecording } from './formats/pods.ts'
import { spanRecording } from './formats/spans.ts'
import { featureNames, type Table, tableOf, tableRecording } from './formats/table.ts'
import type { Recording } from './record.ts'

const MAX_FILES = 100_000
const FORMATS =
  'expected OTLP JSON lines, Jaeger JSON lines, CSV of spans, metrics or logs of pods, or CSV of numbers (see docs/replay.md)'

export interface Recordings {
  readonly recordings: readonly Recording[]
  /** Files of a folder that hold nothing that could be played. */
  readonly left: readonly string[]
  /** Streams that the tables among them need. */
  readonly streams: Config['streams']
}

type Found = Recording | { readonly table: Table; readonly path: string; readonly bytes: number }

/**
 * What can be played of these files and folders, recognised by content. A file that is named itself must be readable; in a
 * folder others are left. `intervalMs`: between two rows of a table without times. Throws FileError.
 */
export async function findRecordings(paths: readonly string[], intervalMs: number): Promise<Recordings> {
  const found: Found[] = []
  const left: string[] = []
  for (const path of paths) {
    const folder = await isFolder(path)
    for (const file of folder ? await filesOf(path) : [path]) {
      const recording = recognise(file, await fileHead(file))
      if (recording !== undefined) found.push(recording)
      else if (folder) left.push(file)
      else throw new FileError(file, 1, `no telemetry is known here: ${FORMATS}`)
    }
  }
  const tables = new Tables()
  const recordings = found.map((each) =>
    'table' in each
      ? tableRecording(
          each.path,
          each.table,
          { ...tables.add(each.path, each.table), intervalMs },
          each.bytes,
        )
      : each,
  )
  return { recordings, left, streams: tables.streams }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    throw new FileError(path, undefined, `cannot be read (${reason(error)})`)
  }
}

/** All files below a folder but hidden ones, by name. */
async function filesOf(folder: string): Promise<string[]> {
  const files: string[] = []
  const entries = await readdir(folder, { withFileTypes: true })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) files.push(...(await filesOf(path)))
    else if (entry.isFile()) files.push(path)
    if (files.length > MAX_FILES) throw new FileError(folder, undefined, `has more than ${MAX_FILES} files`)
  }
  return files
}

function recognise(path: string, head: FileHead): Found | undefined {
  const { first, further, bytes } = head
  if (first === undefined) return undefined
  if (first.text.trimStart().startsWith('{')) return ofJson(path, first, bytes)
  const columns = first.text.replace(/^\uFEFF/, '').split(',')
  const [row, next] = further.filter((line) => line.trim() !== '')
  const has = (wanted: readonly string[]) => wanted.every((column) => columns.includes(column))
  const cell = (column: string) => Number(row?.split(',')[columns.indexOf(column)])
  const fromMs = (time: number) => (Number.isFinite(time) && time > 0 ? time : 0)
  if (has(POD_SPAN_COLUMNS))
    return spanRecording(path, 'CSV of pod spans', fromMs(cell('end_unix_nano') / 1e6), bytes)
  if (has(POD_METRIC_COLUMNS)) return podMetricRecording(path, fromMs(cell('TimeStamp') * 1000), bytes)
  if (has(POD_LOG_COLUMNS)) return podLogRecording(path, fromMs(cell('time_unix_nano') / 1e6), bytes)
  const table = tableOf(first.text, row, next)
  return table && { table, path, bytes }
}

function ofJson(path: string, first: { text: string; line: number }, bytes: number): Recording | undefined {
  const { text, line } = first
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return undefined
  }
  if (isOtlp(json)) return otlpRecording(path, { json, line }, bytes)
  if (typeof json !== 'object' || json === null || !('data' in json)) return undefined
  const ends = jaegerSpans(json, path, line).map((span) => span.startMs + span.durationMs)
  return spanRecording(path, 'Jaeger JSON lines', Math.min(...ends, Number.MAX_SAFE_INTEGER), bytes)
}

/** Tables with the same columns are one stream. */
class Tables {
  readonly streams: Config['streams'] = {}
  readonly #byColumns = new Map<string, { stream: string; names: readonly string[] }>()
  readonly #entities = new Set<string>()

  add(path: string, { features }: Table): { stream: string; entity: string; names: readonly string[] } {
    const key = JSON.stringify(features)
    let known = this.#byColumns.get(key)
    if (known === undefined) {
      const count = this.#byColumns.size + 1
      known = { stream: count === 1 ? 'rows' : `rows_${count}`, names: featureNames(features) }
      this.#byColumns.set(key, known)
      this.streams[known.stream] = {
        kind: 'event',
        entity: 'entity',
        time: 'timestamp',
        features: Object.fromEntries(known.names.map((name) => [name, {}])),
      }
    }
    return { ...known, entity: this.#name(path) }
  }

  /** The file's name without its endings; its path where two have the same. */
  #name(path: string): string {
    const short = basename(path).replace(/(\.(csv|tsv|txt))?(\.gz)?$/i, '')
    const name = this.#entities.has(short) ? path : short
    this.#entities.add(name)
    return name
  }
}
