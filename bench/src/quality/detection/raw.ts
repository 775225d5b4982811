import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Scored } from './exchange/folder.ts'

/**
 * Writes `CASE.SUBJECT.csv` with `index,score,threshold,is_anomaly`. The index is the row in the file of the case; rows that are
 * never scored have the score 0.
 */
export function writeRaw(out: string, name: string, subject: string, offset: number, scored: Scored): void {
  const { scores, thresholds, flags } = scored
  const lines = ['index,score,threshold,is_anomaly']
  for (let i = 0; i < offset; i++) lines.push(`${i},0,${thresholds[0]},0`)
  for (let i = 0; i < scores.length; i++)
    lines.push(`${offset + i},${scores[i]},${thresholds[i]},${flags[i]}`)
  const path = join(out, `${name}.${subject}.csv`)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${lines.join('\n')}\n`)
}
