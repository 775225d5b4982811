import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { History } from '@adf/detectors'
import { z } from 'zod'
import type { CaseSource, Window } from './case.ts'
import { DataError, numberIn, readCells } from './numbers.ts'
import { probationRows } from './protocol.ts'

const WINDOWS = 'windows.json'
const windowsSchema = z.record(z.string(), z.array(z.tuple([z.string(), z.string()])))

/**
 * Every file of NAB's layout: `GROUP/NAME.csv` with `timestamp,value`, and `windows.json` with the labelled windows of each.
 * Learns from the probation, which NAB does not score, and scores the rest. Files without a labelled window count too: for NAB
 * their false positives.
 */
export function nabCases(data: string): CaseSource[] {
  const folder = join(data, 'nab')
  if (!existsSync(join(folder, WINDOWS))) return []
  const windows = readWindows(join(folder, WINDOWS))
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .flatMap((group) =>
      readdirSync(join(folder, group))
        .filter((file) => file.endsWith('.csv'))
        .sort()
        .map((file) => {
          const name = `nab/${group}/${file.replace(/\.csv$/, '')}`
          const limits = windows[`${group}/${file}`]
          if (limits === undefined)
            throw new DataError(`${join(folder, WINDOWS)}: ${group}/${file} is not named`)
          return { name, load: () => nabCase(name, group, join(folder, group, file), limits) }
        }),
    )
}

function readWindows(path: string) {
  try {
    return windowsSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    throw new DataError(`${path}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

function nabCase(name: string, group: string, path: string, limits: readonly (readonly [string, string])[]) {
  const { header, rows } = readCells(path)
  if (header.join() !== 'timestamp,value')
    throw new DataError(`${path}:1: the columns are not timestamp,value but ${header.join()}`)
  const times = Float64Array.from(rows, ([time], i) => instant(path, i + 2, time ?? ''))
  const values = Float64Array.from(rows, ([, value], i) => numberIn(path, i + 2, value ?? ''))
  const windows = limits.map((limit) => windowOf(path, times, limit)).sort((a, b) => a.from - b.from)
  const all = new Uint8Array(rows.length)
  for (const { from, to } of windows) all.fill(1, from, to + 1)
  const offset = probationRows(rows.length)
  const history = new History(1, values, ascending(times))
  return {
    name,
    means: ['nab', `nab/${group}`],
    train: history.slice(0, offset),
    test: history.slice(offset),
    labels: all.subarray(offset),
    offset,
    windows,
  }
}

/** Rows of a window: as NAB, its limits are the first rows that bear these times. */
function windowOf(path: string, times: Float64Array, [start, end]: readonly [string, string]): Window {
  const startMs = instant(path, undefined, start)
  const endMs = instant(path, undefined, end)
  const from = times.indexOf(startMs)
  const to = times.indexOf(endMs)
  if (from < 0 || to < from) throw new DataError(`${path}: no row at the limits of window ${start} to ${end}`)
  return { from, to }
}

function instant(path: string, line: number | undefined, text: string): number {
  const time = Date.parse(`${text.replace(' ', 'T')}Z`)
  if (Number.isNaN(time))
    throw new DataError(`${path}${line === undefined ? '' : `:${line}`}: ${JSON.stringify(text)} is no time`)
  return time
}

/** Clocks of some files go back an hour once; a detector's time does not. */
function ascending(times: Float64Array): Float64Array {
  let latest = Number.NEGATIVE_INFINITY
  return times.map((time) => {
    latest = Math.max(latest, time)
    return latest
  })
}
