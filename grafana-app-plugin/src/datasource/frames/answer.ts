import type { Anomaly, Graph, Incident, IncidentExport } from '@adf/contract'
import { type DataFrame, type Field, type FieldConfig, FieldType } from '@grafana/data'

/**
 * What the processor answered, as it goes with the first frame of a question (`meta.custom.adf`): Grafana's panels draw the fields, ADF's own
 * panels this.
 */
export interface Answers {
  readonly graph?: Graph
  readonly incidents?: readonly Incident[]
  readonly anomalies?: readonly Anomaly[]
  readonly incident?: IncidentExport
}

export const answersOf = (frames: readonly DataFrame[]): Answers => {
  const found: Answers[] = frames.flatMap(({ meta }) => {
    const answers: unknown = meta?.custom?.['adf']
    return typeof answers === 'object' && answers !== null ? [answers] : []
  })
  return Object.assign({}, ...found)
}

/** Where the numbers of a row come from. */
type Value = string | number | boolean | null

/** A column: its name, type and how it is shown. */
interface Column<Row> {
  readonly name: string
  readonly type: FieldType
  readonly of: (row: Row) => Value
  readonly config?: FieldConfig
}

export const text = <Row>(name: string, of: (row: Row) => string | null, config?: FieldConfig) =>
  ({ name, type: FieldType.string, of, ...(config !== undefined && { config }) }) satisfies Column<Row>

export const number = <Row>(name: string, of: (row: Row) => number | null, config?: FieldConfig) =>
  ({ name, type: FieldType.number, of, ...(config !== undefined && { config }) }) satisfies Column<Row>

export const flag = <Row>(name: string, of: (row: Row) => boolean) =>
  ({ name, type: FieldType.boolean, of }) satisfies Column<Row>

/** An instant of the contract as Grafana's time. */
export const time = <Row>(name: string, of: (row: Row) => string | null) =>
  ({
    name,
    type: FieldType.time,
    of: (row: Row) => {
      const instant = of(row)
      return instant === null ? null : Date.parse(instant)
    },
  }) satisfies Column<Row>

/** A frame with one row for each of `rows`. */
export function table<Row>(
  name: string,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  meta: DataFrame['meta'] = { preferredVisualisationType: 'table' },
): DataFrame {
  return {
    name,
    length: rows.length,
    meta,
    fields: columns.map(
      (column): Field => ({
        name: column.name,
        type: column.type,
        config: { ...column.config },
        values: rows.map((row) => column.of(row)),
      }),
    ),
  }
}

/** Puts the processor's own answer beside a frame. */
export const withAnswer = (frame: DataFrame, adf: Answers): DataFrame => ({
  ...frame,
  meta: { ...frame.meta, custom: { ...frame.meta?.custom, adf } },
})

/** Says above the panel what the frame leaves out. */
export const withNotice = (frame: DataFrame, notice: string | undefined): DataFrame =>
  notice === undefined
    ? frame
    : {
        ...frame,
        meta: {
          ...frame.meta,
          notices: [...(frame.meta?.notices ?? []), { severity: 'info', text: notice }],
        },
      }

// biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana's variable for the value of the cell
const CELL = '${__value.raw}'

/** A link to a page of the app by the value of its own cell, which Grafana would not escape: ids have slashes. */
export const linkTo = (title: string, page: string): FieldConfig => ({
  links: [
    {
      title,
      url: `/a/adf-app/${page}`,
      onBuildUrl: ({ replaceVariables }) =>
        `/a/adf-app/${page}/${encodeURIComponent(replaceVariables?.(CELL) ?? '')}`,
    },
  ],
})
