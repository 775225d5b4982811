import { fileURLToPath } from 'node:url'
import type { Contestant } from '../contestant.ts'
import { subjects } from './subjects.ts'

const script = fileURLToPath(new URL('./process.ts', import.meta.url))

/** Our detectors. */
export function ownContestants(): Contestant[] {
  return subjects.map(({ name }) => ({
    name,
    command: process.execPath,
    argv: (folder) => [script, name, folder],
    peer: false,
  }))
}
