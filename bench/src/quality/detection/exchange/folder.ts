import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { History } from '@adf/detectors'
import { z } from 'zod'
import type { Case } from '../data/case.ts'

/**
 * How cases and results pass between the benchmark and the processes that score: a process of its own for each detector, ours
 * and others', so that CPU time and memory are its own. Little-endian, in one folder:
 *
 * | File | What |
 * |---|---|
 * | `cases.json` | `[{index, name, width}]` |
 * | `INDEX.train.f64`, `INDEX.test.f64` | rows of `width` values; NaN is missing |
 * | `INDEX.train.times.f64`, `INDEX.test.times.f64` | event times of the rows, ms |
 * | `NAME/INDEX.scores.f64`, `.thresholds.f64`, `.flags.u8` | what detector NAME says of each test row |
 */
export interface Scored {
  readonly scores: Float64Array
  readonly thresholds: Float64Array
  /** 1 = anomalous. */
  readonly flags: Uint8Array
}

const indexSchema = z.array(z.object({ index: z.number(), name: z.string(), width: z.number() }))
export type CaseIndex = z.infer<typeof indexSchema>

export function writeCase(folder: string, index: number, { train, test }: Case): void {
  const put = (name: string, data: Float64Array) => writeFileSync(join(folder, `${index}.${name}.f64`), data)
  put('train', train.values)
  put('train.times', train.timesMs)
  put('test', test.values)
  put('test.times', test.timesMs)
}

export function writeIndex(folder: string, index: CaseIndex): void {
  writeFileSync(join(folder, 'cases.json'), JSON.stringify(index))
}

export function readIndex(folder: string): CaseIndex {
  return indexSchema.parse(JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')))
}

export function readHistory(folder: string, index: number, part: 'train' | 'test', width: number): History {
  const values = float64(join(folder, `${index}.${part}.f64`))
  return new History(width, values, float64(join(folder, `${index}.${part}.times.f64`)))
}

export function writeScored(folder: string, name: string, index: number, scored: Scored): void {
  const own = join(folder, name)
  mkdirSync(own, { recursive: true })
  writeFileSync(join(own, `${index}.scores.f64`), scored.scores)
  writeFileSync(join(own, `${index}.thresholds.f64`), scored.thresholds)
  writeFileSync(join(own, `${index}.flags.u8`), scored.flags)
}

/** Throws when there are not `rows` finite scores. */
export function readScored(folder: string, name: string, index: number, rows: number): Scored {
  const own = join(folder, name)
  const scores = float64(join(own, `${index}.scores.f64`))
  const thresholds = float64(join(own, `${index}.thresholds.f64`))
  const flags = new Uint8Array(readFileSync(join(own, `${index}.flags.u8`)))
  if (scores.length !== rows || thresholds.length !== rows || flags.length !== rows)
    throw new Error(`${name}: ${scores.length} scores for ${rows} rows`)
  const odd = scores.findIndex((score) => !Number.isFinite(score))
  if (odd >= 0) throw new Error(`${name}: the score of row ${odd} is ${scores[odd]}`)
  return { scores, thresholds, flags }
}

function float64(path: string): Float64Array {
  const bytes = readFileSync(path)
  const values = new Float64Array(bytes.byteLength / 8)
  new Uint8Array(values.buffer).set(bytes)
  return values
}
