import { type Segment, segmentsOf } from '../detection/measures/segments.ts'

/** What an operator would count: whole anomalies that were found, and whole alerts that were right. */
export interface EventCounts {
  readonly events: number
  readonly found: number
  readonly alerts: number
  readonly right: number
}

export interface EventRule {
  /** Rows that are not flagged, at the most, between two flagged ones of one alert. */
  readonly gap: number
  /** Rows beside an anomaly at which an alert is right, too. */
  readonly beside: number
}

/**
 * Judges flags by whole anomalies. An anomaly is a stretch of labelled rows, and found when one of them is flagged; an alert is a run of flagged
 * rows, and right when it touches an anomaly.
 */
export function countEvents(labels: Uint8Array, flags: Uint8Array, { gap, beside }: EventRule): EventCounts {
  const events = segmentsOf(labels)
  const alerts = alertsOf(flags, gap)
  const right = alerts.filter(({ from, to }) =>
    events.some((event) => from < event.to + beside && event.from - beside < to),
  )
  const found = events.filter(({ from, to }) => flags.subarray(from, to).includes(1))
  return { events: events.length, found: found.length, alerts: alerts.length, right: right.length }
}

/** Of several entities, or files, together. */
export function sumOf(counts: readonly EventCounts[]): EventCounts {
  return counts.reduce((a, b) => ({
    events: a.events + b.events,
    found: a.found + b.found,
    alerts: a.alerts + b.alerts,
    right: a.right + b.right,
  }))
}

export function measuresOf({ events, found, alerts, right }: EventCounts) {
  const precision = alerts === 0 ? 0 : right / alerts
  const recall = events === 0 ? 0 : found / events
  const f1 = precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall)
  return { events, alerts, precision, recall, f1 }
}

function alertsOf(flags: Uint8Array, gap: number): Segment[] {
  const alerts: Segment[] = []
  for (const run of segmentsOf(flags)) {
    const last = alerts.at(-1)
    if (last !== undefined && run.from - last.to <= gap)
      alerts[alerts.length - 1] = { from: last.from, to: run.to }
    else alerts.push(run)
  }
  return alerts
}
