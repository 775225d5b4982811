import type { Incident } from '@adf/contract'
import type { IncidentChange } from '@adf/processor'
import { styled } from '../output/style.ts'
import type { Played } from './player.ts'

export interface ReplaySummary {
  readonly files: number
  /** Files of the folders that hold nothing that could be played. */
  readonly files_left: number
  readonly from: string
  readonly to: string
  readonly spans: number
  readonly points: number
  readonly records: number
  readonly rows: number
  readonly rejected: number
  readonly out_of_order: number
  readonly vectors: number
  readonly scored: number
  readonly anomalies: number
  readonly incidents: number
  /** Anomalies or incidents past a bound, by its name. */
  readonly left: Readonly<Record<string, number>>
  /** Event time in which nothing was recorded, passed over. */
  readonly skipped_seconds: number
  readonly seconds: number
  readonly per_second: number
}

export const recordsOf = ({ spans, points, logs, rows }: Played) => spans + points + logs + rows

/** An incident that opened, merged or resolved; undefined: nothing to tell. */
export function incidentText(incident: Incident, change: IncidentChange, top: number): string | undefined {
  const { id, title, causes, services, anomaly_count: count } = incident
  const short = id.slice(-8)
  switch (change) {
    case 'opened':
      return `${time(incident.opened_at)}  ${styled('red', 'opened')}    ${short}  ${title}`
    case 'merged':
      return `${time(incident.updated_at)}  merged    ${short}  into ${incident.merged_into?.slice(-8)}`
    case 'resolved':
      return [
        `${time(incident.resolved_at ?? incident.updated_at)}  ${styled('green', 'resolved')}  ${short}  ${title}`,
        `    began ${time(incident.started_at)}, ${count} anomalies${services.length > 0 ? ` of ${services.join(', ')}` : ''}`,
        ...causeLines(causes.slice(0, top)),
      ].join('\n')
    default:
      return undefined
  }
}

export function summaryText(summary: ReplaySummary, open: readonly Incident[], top: number): string {
  const { spans, points, records, rows, vectors, scored, anomalies, incidents, skipped_seconds } = summary
  const left = Object.entries(summary.left).map(([reason, count]) => `${count} ${reason}`)
  return [
    ...open.flatMap((one) => [
      `${styled('yellow', 'open at the end')}  ${one.id.slice(-8)}  ${one.title}`,
      ...causeLines(one.causes.slice(0, top)),
    ]),
    '',
    `Played ${summary.from} to ${summary.to}${skipped_seconds >= 1 ? `, of which ${Math.round(skipped_seconds)} s without records were passed over` : ''}`,
    `  ${summary.files} files: ${spans} spans, ${points} metric points, ${records} log records, ${rows} rows`,
    ...(summary.files_left > 0 ? [`  ${summary.files_left} files hold no telemetry and were left`] : []),
    ...(summary.rejected > 0 ? [`  ${summary.rejected} records were rejected`] : []),
    ...(summary.out_of_order > 0
      ? [`  ${summary.out_of_order} records were out of order by more than a step`]
      : []),
    `  ${vectors} vectors (${scored} scored, the others while warming up), ${anomalies} anomalies, ${incidents} incidents`,
    ...(left.length > 0 ? [`  left out: ${left.join(', ')}`] : []),
    `  ${summary.seconds.toFixed(1)} s, ${Math.round(summary.per_second)} records a second`,
  ].join('\n')
}

const causeLines = (causes: Incident['causes']) =>
  causes.map(
    ({ service, probability, evidence }, i) =>
      `    ${i + 1}. ${service}  ${Math.round(100 * probability)} %${evidence[0] === undefined ? '' : `  ${evidence[0].text}`}`,
  )

const time = (instant: string) => instant.replace('T', ' ').replace(/\.\d+Z$/, 'Z')
