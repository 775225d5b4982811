import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { Missing } from '../suite.ts'

const MINUTE_MS = 60_000

const Faults = z.array(z.looseObject({ time: z.string(), service: z.string(), type: z.string() }))

/** A fault of a data set in Nezha's layout. */
export interface Fault {
  readonly name: string
  readonly service: string
  readonly type: string
  /** Start of the minute of the injection, ms since the epoch. */
  readonly minuteMs: number
  /** The minute that its authors judge: inject + 2. */
  readonly judgedMinute: string
}

/** Files by minute, as they are named: `2022-08-22T03-53`. */
type FilesByMinute = ReadonlyMap<string, string>

export interface NezhaSet {
  readonly name: string
  readonly traces: FilesByMinute
  readonly logs: FilesByMinute
  /** Minutes without faults, where the set has them: history for their whole day. */
  readonly faultFree: { readonly traces: FilesByMinute; readonly logs: FilesByMinute }
  readonly metrics: readonly string[]
  /** Faults whose judged minute has traces, or logs in a set without traces; all of a set that has metrics alone. Oldest first. */
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
  const [traces, logs] = [byMinute(join(folder, 'traces')), byMinute(join(folder, 'logs'))]
  const known = [traces, logs].find(({ size }) => size > 0)
  const faults = Faults.parse(JSON.parse(readFileSync(join(folder, 'faults.json'), 'utf8')))
  return {
    name: basename(folder),
    traces,
    logs,
    faultFree: {
      traces: byMinute(join(folder, 'traces-faultfree')),
      logs: byMinute(join(folder, 'logs-faultfree')),
    },
    metrics: entries(join(folder, 'metrics')).flatMap((day) =>
      entries(join(folder, 'metrics', day))
        .filter((name) => name.includes('_metric.'))
        .map((name) => join(folder, 'metrics', day, name)),
    ),
    faults: faults
      .map(({ time, service, type }) => {
        const minuteMs = Math.floor(Date.parse(time) / MINUTE_MS) * MINUTE_MS
        const judgedMinute = minuteName(minuteMs + 2 * MINUTE_MS)
        return { name: `${minuteName(minuteMs)}-${service}-${type}`, service, type, minuteMs, judgedMinute }
      })
      .filter(({ judgedMinute }) => known?.has(judgedMinute) ?? true)
      .sort((a, b) => a.minuteMs - b.minuteMs),
  }
}

/** Oldest first. */
function byMinute(folder: string): FilesByMinute {
  return new Map(entries(folder).map((name) => [name.replace(/\..*$/, ''), join(folder, name)]))
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

/** Start of a minute, ms since the epoch. */
export function minuteStart(name: string): number {
  return Date.parse(`${name.replace(/-(\d\d)$/, ':$1')}Z`)
}

function minuteName(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace(':', '-')
}
