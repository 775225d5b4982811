import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { z } from 'zod'

const Target = z.looseObject({
  target: z.looseObject({ node: z.string(), metric: z.string(), timestamp: z.number() }),
  root_cause: z.looseObject({ node: z.string() }),
})

/** Metrics of services at times; a column is `NODE|METRIC|STATISTIC`, a missing value NaN. */
export interface MetricTable {
  /** Start of each row's period, ms since the epoch, ascending. */
  readonly timesMs: readonly number[]
  readonly columns: ReadonlyMap<string, Float64Array>
}

interface Issue {
  readonly name: string
  /** The service whose objective was violated, `latency` or `availability`, and since when. */
  readonly target: string
  readonly metric: string
  readonly sinceMs: number
  readonly cause: string
  readonly metrics: MetricTable
}

export interface Scenario {
  readonly name: string
  readonly calls: readonly { readonly client: string; readonly server: string }[]
  readonly issues: readonly Issue[]
  /** A time without issues; undefined where the scenario has none. */
  readonly quiet: MetricTable | undefined
}

export interface PetshopSet {
  readonly name: string
  readonly scenarios: readonly Scenario[]
}

/** Every folder under `data` whose name begins with `petshop` (Hardt et al.: "The PetShop Dataset", CLeaR 2024). */
export function petshopSets(data: string): PetshopSet[] {
  return folders(data)
    .filter((name) => name.startsWith('petshop'))
    .map((name) => ({
      name,
      scenarios: folders(join(data, name)).map((scenario) => scenarioOf(join(data, name, scenario))),
    }))
}

function scenarioOf(folder: string): Scenario {
  const issues = ['train', 'test'].flatMap((part) =>
    folders(join(folder, part)).map((issue) => issueOf(join(folder, part, issue), `${part}-${issue}`)),
  )
  return {
    name: basename(folder),
    calls: callsOf(join(folder, 'graph.csv')),
    issues,
    quiet: folders(folder).includes('noissue') ? tableOf(join(folder, 'noissue', 'metrics.csv')) : undefined,
  }
}

function issueOf(folder: string, name: string): Issue {
  const { target, root_cause } = Target.parse(JSON.parse(readFileSync(join(folder, 'target.json'), 'utf8')))
  return {
    name,
    target: target.node,
    metric: target.metric,
    sinceMs: target.timestamp * 1000,
    cause: root_cause.node,
    metrics: tableOf(join(folder, 'metrics.csv')),
  }
}

/** An adjacency matrix: rows call columns. */
function callsOf(path: string): Scenario['calls'] {
  const [head = [], ...rows] = cellsOf(path)
  return rows.flatMap(([client = '', ...cells]) =>
    cells.flatMap((cell, at) => (Number(cell) > 0 ? [{ client, server: head[at + 1] ?? '' }] : [])),
  )
}

/** Three lines of head: services, metrics and statistics. */
function tableOf(path: string): MetricTable {
  const [services = [], metrics = [], statistics = [], ...rest] = cellsOf(path)
  const rows = rest.filter(([time]) => Number(time) > 0)
  return {
    timesMs: rows.map(([time]) => Number(time) * 1000),
    columns: new Map(
      services
        .slice(1)
        .map((service, at) => [
          [service, metrics[at + 1], statistics[at + 1]].join('|'),
          Float64Array.from(rows, (row) => number(row[at + 1])),
        ]),
    ),
  }
}

function number(cell: string | undefined): number {
  return cell === undefined || cell === '' ? Number.NaN : Number(cell)
}

function cellsOf(path: string): string[][] {
  return parse(readFileSync(path), { relax_column_count: true })
}

function folders(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}
