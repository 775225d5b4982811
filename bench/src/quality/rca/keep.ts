import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Ranking } from '@adf/contract'
import type { Judged } from './judged.ts'

/** Leaves what was said of a fault in `OUT/FOLDER/NAME.json`: ADF's whole ranking, and what the others name. */
export function keep(
  out: string,
  folder: string,
  { name, type, cause, named }: Judged,
  ranking: Ranking,
): void {
  mkdirSync(join(out, folder), { recursive: true })
  const text = JSON.stringify({ fault: { service: cause, type }, ranking, named: Object.fromEntries(named) })
  writeFileSync(join(out, folder, `${name.replaceAll('/', '-')}.json`), `${text}\n`)
}
