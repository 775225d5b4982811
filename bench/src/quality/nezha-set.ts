import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { Missing } from '../suite.ts'

const MINUTE_MS = 60_000

const Faults = z.array(z.looseObject({ time: z.string(), service: z.string(), type: z.string() }))

/** A fault of a data set in Nezha's layout, and the trace file of the minute that its authors judge. */
export interface Fault {
  readonly name: string
  readonly service: string
  readonly type: string
  /** Start of the minute of the injection, ms since the epoch. */
  readonly minuteMs: number
  readonly judgedFile: string
}

export interface NezhaSet {
  readonly name: string
  /** One file a minute, oldest first. */
  readonly traces: readonly string[]
  /** Minutes without faults, where the set has them. */
  readonly faultFree: readonly string[]
  readonly metrics: readonly string[]
  /** By minute, as the trace files are named. */
  readonly logs: ReadonlyMap<string, string>
  /** Faults whose judged minute (inject + 2) has a trace file, oldest first. */
  readonly faults: readonly Fault[]
}

/** The same; throws Missing when there is none. */
export function someNezhaSets(data: string): NezhaSet[] {
  const sets = nezhaSets(data)
  if (sets.length === 0)
    throw new Missing(
      `no folder nezha-* under ${data}; name the folder of the data sets with --data or ADF_DATA`,
    )
  return sets
}

/** Every folder under `data` whose name begins with `nezha-`. */
export function nezhaSets(data: string): NezhaSet[] {
  return entries(data)
    .filter((name) => name.startsWith('nezha-'))
    .map((folder) => nezhaSet(join(data, folder)))
}

function nezhaSet(folder: string): NezhaSet {
  const traces = entries(join(folder, 'traces')).map((name) => join(folder, 'traces', name))
  const byMinute = new Map(traces.map((path) => [minuteOf(path), path]))
  const faults = Faults.parse(JSON.parse(readFileSync(join(folder, 'faults.json'), 'utf8')))
  return {
    name: basename(folder),
    traces,
    faultFree: entries(join(folder, 'traces-faultfree')).map((name) =>
      join(folder, 'traces-faultfree', name),
    ),
    metrics: entries(join(folder, 'metrics')).flatMap((day) =>
      entries(join(folder, 'metrics', day))
        .filter((name) => name.includes('_metric.'))
        .map((name) => join(folder, 'metrics', day, name)),
    ),
    logs: new Map(entries(join(folder, 'logs')).map((name) => [minuteOf(name), join(folder, 'logs', name)])),
    faults: faults
      .flatMap(({ time, service, type }) => {
        const minuteMs = Math.floor(Date.parse(time) / MINUTE_MS) * MINUTE_MS
        const judgedFile = byMinute.get(minuteName(minuteMs + 2 * MINUTE_MS))
        const name = `${minuteName(minuteMs)}-${service}-${type}`
        return judgedFile === undefined ? [] : [{ name, service, type, minuteMs, judgedFile }]
      })
      .sort((a, b) => a.minuteMs - b.minuteMs),
  }
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

/** `2022-08-22T03-53` of a file's name. */
export function minuteOf(path: string): string {
  return basename(path).replace(/\..*$/, '')
}

function minuteName(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace(':', '-')
}
