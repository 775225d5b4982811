import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { parsed } from '../adf-client.ts'

/** Lines, and bytes from the end of the file in which they are looked for. */
const LINES = 200
const TAIL = 512 * 1024

/** Fields of ADF's log that are ADF's own words. */
const KEPT = [
  'time',
  'level',
  'name',
  'msg',
  'listener',
  'peer',
  'status',
  'code',
  'reason',
  'signal',
  'lost',
] as const

/** The last lines of a log of ADF, of each what ADF says itself: other fields may hold names and values of telemetry. @throws what reading throws */
export function lastLogLines(file: string): unknown[] {
  return tailOf(file).slice(-LINES).map(ownFields)
}

function tailOf(file: string): string[] {
  const handle = openSync(file, 'r')
  try {
    const { size } = fstatSync(handle)
    const bytes = Buffer.alloc(Math.min(size, TAIL))
    const read = readSync(handle, bytes, 0, bytes.length, size - bytes.length)
    const lines = bytes.toString('utf8', 0, read).split('\n')
    // The first is a part of one when the file is longer.
    return (size > TAIL ? lines.slice(1) : lines).filter((line) => line.trim() !== '')
  } finally {
    closeSync(handle)
  }
}

function ownFields(line: string): unknown {
  const fields = parsed(line)
  // Not ADF's: of a supervisor, or the trace of a crash.
  if (typeof fields !== 'object' || fields === null) return line.slice(0, 500)
  const kept = Object.entries(fields).filter(([name]) => KEPT.some((one) => one === name))
  const error: unknown = 'err' in fields ? fields.err : undefined
  if (typeof error === 'object' && error !== null) kept.push(['err', errorOf(error)])
  return Object.fromEntries(kept)
}

const errorOf = (error: object) =>
  Object.fromEntries(
    Object.entries(error).filter(([name]) => ['type', 'message', 'stack', 'code'].includes(name)),
  )
