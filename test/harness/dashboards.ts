import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { answer, type Question, type VariableKind, valuesOf } from '@adf/grafana-app/datasource'
import type { startPrometheus } from './prometheus.ts'

const FOLDER = join(import.meta.dirname, '../../provisioning/grafana/dashboards')

/** How far back queries look. */
const SPAN_MS = 30 * 60_000
/** What Grafana would fill in by the width of a panel and the scrape interval. */
const RATE_INTERVAL = '15s'
const RANGE = `${SPAN_MS}ms`

interface Target extends Partial<Question> {
  readonly refId: string
  readonly expr?: string
}

interface Variable {
  readonly name: string
  readonly type: string
  readonly query: unknown
  readonly includeAll: boolean
}

interface Panel {
  readonly title: string
  readonly type: string
  readonly targets?: readonly Target[]
  readonly panels?: readonly Panel[]
}

/** A dashboard as Grafana reads it. */
export interface Dashboard {
  readonly file: string
  readonly uid: string
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly Variable[] }
  readonly annotations: { readonly list: readonly { readonly name: string; readonly target: Target }[] }
}

export const readDashboards = (): Dashboard[] =>
  readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .map((file) => ({ file, ...JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) }))

interface Sources {
  readonly prometheus: Awaited<ReturnType<typeof startPrometheus>>
  /** Base URL of the processor's API. */
  readonly api: string
}

type Values = Readonly<Record<string, string>>

/** A query of a dashboard with its variables filled in, and how much it gives: samples or cells that are not null. */
export interface Asked {
  /** Title of the panel, or `annotation NAME`. */
  readonly panel: string
  readonly query: string
  readonly found: number
}

/** Runs every query of a dashboard against real servers, annotations too. @param chosen variables that are set; the others have their first value */
export async function runDashboard(
  dashboard: Dashboard,
  sources: Sources,
  chosen: Values = {},
): Promise<Asked[]> {
  const values = { ...(await variablesOf(dashboard, sources)), ...chosen }
  const panels = dashboard.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])])
  const queries = [
    ...panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, target }))),
    ...dashboard.annotations.list.map(({ name, target }) => ({ title: `annotation ${name}`, target })),
  ]
  return Promise.all(
    queries.map(async ({ title, target }) => {
      const at = `${dashboard.file}: ${title}: `
      if (target.expr !== undefined) {
        const expression = filledIn(target.expr, values)
        return { panel: title, query: at + expression, found: await samples(expression, sources.prometheus) }
      }
      const question = questionOf(target, values)
      return { panel: title, query: at + JSON.stringify(question), found: await cells(question, sources.api) }
    }),
  )
}

async function variablesOf({ templating, file }: Dashboard, sources: Sources): Promise<Values> {
  const values: Record<string, string> = {}
  for (const { name, type, query, includeAll } of templating.list) {
    if (type === 'datasource') continue
    const found = await optionsOf(query, values, sources)
    const [first] = found
    if (first === undefined) throw new Error(`${file}: the variable ${name} has no value`)
    values[name] = includeAll ? '.*' : first
  }
  return values
}

async function optionsOf(query: unknown, values: Values, { prometheus, api }: Sources): Promise<string[]> {
  if (typeof query === 'string') {
    const [, selector = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(filledIn(query, values)) ?? []
    const path = `/api/v1/label/${label}/values?match[]=${encodeURIComponent(selector)}`
    return (await prometheus.ask(path)) as string[]
  }
  const { variable, stream } = query as { variable: VariableKind; stream?: string }
  const of = stream === undefined ? {} : { stream: filledIn(stream, values) }
  const options = await valuesOf({ variable, ...of }, sendTo(api))
  return options.map(({ value, text }) => String(value ?? text))
}

const filledIn = (text: string, values: Values): string =>
  text
    .replaceAll('$__rate_interval', RATE_INTERVAL)
    .replaceAll('$__range', RANGE)
    .replace(/\$(\w+)/g, (whole, name: string) => values[name] ?? whole)

const TEXTS = ['stream', 'entity', 'service', 'incident', 'minScore'] as const

function questionOf({ kind, ...target }: Target, values: Values): Question {
  if (kind === undefined) throw new Error(`the query ${target.refId} asks nothing`)
  const texts = TEXTS.flatMap((field) => {
    const text = target[field]
    return text === undefined ? [] : [[field, filledIn(text, values)] as const]
  })
  return { ...target, kind, ...Object.fromEntries(texts) }
}

/** Finite samples of the last minutes, a sample each second. */
async function samples(expression: string, prometheus: Sources['prometheus']): Promise<number> {
  const end = Date.now() / 1000
  const query = new URLSearchParams({
    query: expression,
    start: String(end - 60),
    end: String(end),
    step: '1',
  })
  const { result } = (await prometheus.ask(`/api/v1/query_range?${query}`)) as {
    result: { values: [number, string][] }[]
  }
  return result.flatMap(({ values }) => values).filter(([, value]) => Number.isFinite(Number(value))).length
}

async function cells(question: Question, api: string): Promise<number> {
  const now = Date.now()
  const span = { from: now - SPAN_MS, to: now }
  const frames = await answer(question, { send: sendTo(api), span, now })
  return frames
    .flatMap(({ fields }) => fields)
    .filter(({ type }) => type !== 'time')
    .flatMap(({ values }) => [...values])
    .filter((value) => value !== null).length
}

/** As the data source's proxy sends it on. */
const sendTo =
  (api: string) =>
  async ({ path, query }: { path: string; query?: Readonly<Record<string, string>> }) => {
    const response = await fetch(`${api}/${path}?${new URLSearchParams({ ...query })}`)
    return { status: response.status, body: await response.json() }
  }
