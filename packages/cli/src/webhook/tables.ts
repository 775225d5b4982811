import type { Alert, AlertValue } from '@adf/contract/feedback'
import { columns } from '../output/columns.ts'

const NONE = '-'

export function alertsText(alerts: readonly Alert[]): string {
  if (alerts.length === 0) return 'no alerts'
  return columns(
    ['STARTED', 'STATE', 'ALERT', 'SERVICE', 'ENTITY', 'VERDICT', 'ID'],
    alerts.map((alert) => [
      alert.started_at,
      stateOf(alert),
      alert.alertname,
      alert.service ?? NONE,
      alert.entity ?? NONE,
      alert.verdict ?? NONE,
      alert.id,
    ]),
  )
}

function stateOf({ ended_at, silenced, inhibited_by }: Alert): string {
  if (ended_at !== null) return 'resolved'
  return silenced.length > 0 ? 'silenced' : inhibited_by.length > 0 ? 'inhibited' : 'firing'
}

export function valueText({ text, by, rows }: AlertValue): string {
  if (rows.length === 0) return text
  const numbers = ['ALERTS', 'USEFUL', 'NOISE', 'PRECISION', 'RECALL', 'ACK', 'A SHIFT']
  const table = columns(
    [by.toUpperCase(), ...numbers],
    rows.map((row) => [
      row.name,
      String(row.alerts),
      String(row.useful),
      String(row.noise),
      share(row.precision),
      share(row.recall),
      row.median_acknowledge_s === null ? NONE : `${Math.round(row.median_acknowledge_s)} s`,
      row.alerts_per_shift.toFixed(1),
    ]),
    numbers,
  )
  return `${text}\n\n${table}`
}

/** With its interval: few verdicts say little. */
const share = (interval: AlertValue['total']['precision']) =>
  interval === null ? NONE : `${interval[1].toFixed(2)} (${interval[0].toFixed(2)}-${interval[2].toFixed(2)})`
