import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Row } from '../suite.ts'

const ResultRow = z.strictObject({
  case: z.string(),
  subject: z.string(),
  measure: z.string(),
  /** The median where it was measured several times; null for what is no finite number. */
  value: z.number().nullable(),
  min: z.number().optional(),
  max: z.number().optional(),
})
export type ResultRow = z.infer<typeof ResultRow>

/** What a benchmark measured, and how: a file of `bench/results`, which `docs/benchmarks.md` is made of. */
export const Result = z.strictObject({
  command: z.string().min(1),
  /** YYYY-MM-DD */
  date: z.iso.date(),
  /** Short hash of the version that was measured. */
  commit: z.string().optional(),
  machine: z.string().min(1),
  /** What else went on, as far as it was seen. */
  conditions: z.string().optional(),
  /** How often the whole benchmark was run; what it repeats by itself is not in this. */
  runs: z.int().positive(),
  rows: z.array(ResultRow).min(1),
})
export type Result = z.infer<typeof Result>

/** Every result, by name: that of its file. Throws an Error that names the file and the fault. */
export function readResults(folder: string): Map<string, Result> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
  return new Map(files.sort().map((file) => [file.slice(0, -'.json'.length), readResult(join(folder, file))]))
}

function readResult(path: string): Result {
  const parsed = Result.safeParse(JSON.parse(readFileSync(path, 'utf8')))
  if (!parsed.success) throw new Error(`${path}: ${z.prettifyError(parsed.error)}`)
  return parsed.data
}

export function writeResult(folder: string, name: string, result: Result): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${name}.json`), formatResult(result))
}

/** One row on a line, so that versions can be compared. */
function formatResult({ rows, ...head }: Result): string {
  const lines = rows.map((row) => `    ${JSON.stringify(row)}`).join(',\n')
  return `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "rows": [\n${lines}\n  ]\n}\n`
}

export const resultRows = (rows: readonly Row[]): ResultRow[] =>
  rows.map(({ case: name, subject, measure, value, min, max }) => ({
    case: name,
    subject,
    measure,
    value: Number.isFinite(value) ? value : null,
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
  }))
