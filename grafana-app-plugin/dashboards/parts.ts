import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import {
  BigValueColorMode,
  BigValueGraphMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  PanelBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard'
import * as nodegraph from '@grafana/grafana-foundation-sdk/nodegraph'
import * as prometheus from '@grafana/grafana-foundation-sdk/prometheus'
import * as stat from '@grafana/grafana-foundation-sdk/stat'
import * as table from '@grafana/grafana-foundation-sdk/table'
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries'
import type { Question } from '../src/datasource/query.ts'
import type { VariableKind } from '../src/datasource/variables.ts'

/** Both are variables of each dashboard, so that it fits any installation. */
// biome-ignore-start lint/suspicious/noTemplateCurlyInString: Grafana fills them in
const PROMETHEUS = { type: 'prometheus', uid: '${prometheus}' }
const ADF = { type: 'adf-datasource', uid: '${adf}' }
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: Grafana fills them in

const WIDTH = 24

/** A PromQL query over the time range. */
export const prom = (expr: string, legend = ''): Builder<Dataquery> =>
  new prometheus.DataqueryBuilder().datasource(PROMETHEUS).expr(expr).legendFormat(legend).range()

/** A PromQL query at the end of the time range. */
const instant = (expr: string): Builder<Dataquery> =>
  new prometheus.DataqueryBuilder().datasource(PROMETHEUS).expr(expr).instant()

/** A question to the data source ADF. */
export const adf = (question: Question): Builder<Dataquery> => ({
  build: () => ({ ...question, refId: '', datasource: ADF, _implementsDataqueryVariant() {} }),
})

type Targets = readonly Builder<Dataquery>[]

/** Letters, as Grafana names queries. */
const lettered = (targets: Targets): Builder<Dataquery>[] =>
  targets.map((target, index) => ({
    build: () => ({ ...target.build(), refId: String.fromCharCode(65 + index) }),
  }))

/** That of the first query: the queries of a panel are of one kind. */
function sourceOf([first]: Targets): typeof PROMETHEUS {
  const query = first?.build()
  return query !== undefined && 'kind' in query ? ADF : PROMETHEUS
}

interface Look {
  readonly unit?: string
  /** Of 24. */
  readonly span?: number
  readonly height?: number
  readonly description?: string
  readonly max?: number
}

/** Series over time. */
export function series(
  title: string,
  targets: Targets,
  { unit = 'short', span = 12, height = 8, ...look }: Look = {},
) {
  const panel = new timeseries.PanelBuilder()
    .title(title)
    .targets(lettered(targets))
    .datasource(sourceOf(targets))
    .unit(unit)
    .span(span)
    .height(height)
    .min(0)
    .lineWidth(1)
    .fillOpacity(8)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
  if (look.max !== undefined) panel.max(look.max)
  return described(panel, look)
}

/** One number, by PromQL. */
export const number = (title: string, expr: string, look: Look = {}) => big(title, instant(expr), '', look)

/** One number, by a field of the data source ADF's answer. */
export const counted = (title: string, question: Question, field: string, look: Look = {}) =>
  big(title, adf(question), `/^${field}$/`, look)

function big(title: string, target: Builder<Dataquery>, fields: string, look: Look) {
  const { unit = 'short', span = 4, height = 4 } = look
  const panel = new stat.PanelBuilder()
    .title(title)
    .targets(lettered([target]))
    .datasource(sourceOf([target]))
    .unit(unit)
    .span(span)
    .height(height)
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.None)
    .noValue('–')
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields(fields).values(false))
  return described(panel, look)
}

/** Rows of the data source ADF. `frame` says which of several. */
export const rows = (title: string, question: Question, look: Look & { readonly frame?: number } = {}) =>
  described(
    new table.PanelBuilder()
      .title(title)
      .targets(lettered([adf(question)]))
      .datasource(ADF)
      .span(look.span ?? WIDTH)
      .height(look.height ?? 8)
      .frameIndex(look.frame ?? 0)
      .showHeader(true)
      .filterable(true),
    look,
  )

/** Grafana's own node graph. */
export const graph = (title: string, question: Question, { span = 12, height = 12 }: Look = {}) =>
  new nodegraph.PanelBuilder()
    .title(title)
    .targets(lettered([adf(question)]))
    .span(span)
    .height(height)

/** A panel of this app, by its plugin's id. */
export const own = (
  id: string,
  title: string,
  targets: readonly Question[],
  look: Look & { options?: object } = {},
) =>
  described(
    new PanelBuilder()
      .type(id)
      .title(title)
      .targets(lettered(targets.map(adf)))
      .datasource(ADF)
      .span(look.span ?? 12)
      .height(look.height ?? 12)
      .options(look.options ?? {}),
    look,
  )

function described<Panel extends { description(text: string): Panel }>(
  panel: Panel,
  { description }: Look,
): Panel {
  return description === undefined ? panel : panel.description(description)
}

export const row = (title: string) => new RowBuilder(title)

/** A template variable by PromQL, such as `label_values(metric, label)`. */
export const promVariable = (name: string, label: string, query: string, many = true) =>
  multiple(new QueryVariableBuilder(name).label(label).datasource(PROMETHEUS).query(query), many)

/** A template variable by the data source ADF. */
export const adfVariable = (name: string, label: string, variable: VariableKind, stream?: string) =>
  multiple(
    new QueryVariableBuilder(name)
      .label(label)
      .datasource(ADF)
      .query({ refId: 'adf', variable, ...(stream !== undefined && { stream }) }),
    false,
  )

function multiple(variable: QueryVariableBuilder, many: boolean): QueryVariableBuilder {
  variable.refresh(VariableRefresh.OnTimeRangeChanged)
  return many ? variable.multi(true).includeAll(true).allValue('.*') : variable
}

const marks = (name: string, iconColor: string, question: Question) =>
  new AnnotationQueryBuilder()
    .name(name)
    .datasource(ADF)
    .enable(true)
    .iconColor(iconColor)
    .target({
      build: () => ({
        ...adf({ ...question, annotations: true }).build(),
        refId: 'Anno',
      }),
    })

/** An empty dashboard with what all have: data sources, incidents and deployments as annotations, links to the others. */
export const dashboard = (uid: string, title: string, description: string) =>
  new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['adf'])
    .timezone('browser')
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder('prometheus').label('Prometheus').type('prometheus'))
    .withVariable(new DatasourceVariableBuilder('adf').label('ADF').type('adf-datasource'))
    .annotation(marks('Incidents', 'red', { kind: 'incidents' }))
    .annotation(marks('Deployments', 'blue', { kind: 'changes' }))
    .link(
      new DashboardLinkBuilder('ADF dashboards')
        .type(DashboardLinkType.Dashboards)
        .tags(['adf'])
        .asDropdown(true)
        .keepTime(true),
    )

/** Anomalies of one stream as annotations. */
export const anomalyMarks = (stream: string, entity: string) =>
  marks('Anomalies', 'orange', { kind: 'anomalies', stream, entity, limit: 200 })
