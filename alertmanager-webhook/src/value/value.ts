import type { MissedEvidence, Outcome } from './outcome.ts'
import { type Row, rowOf } from './row.ts'
import { sentences } from './sentences.ts'

type Grouping = 'rule' | 'service' | 'entity'

export interface ValueOptions {
  readonly by: Grouping
  readonly fromMs: number
  readonly toMs: number
  readonly shiftMs: number
  /** Who share the alerts of a shift. */
  readonly people: number
  readonly budget: number
  /** Rows at most. */
  readonly limit: number
}

export interface Value {
  readonly alerts_per_shift: number
  readonly total: Row
  /** Most noise first. */
  readonly rows: Row[]
  readonly text: string
}

const UNNAMED = '(none)'

/** What alerts were worth, as a whole and by rule, service or entity. */
export function alertValue(
  alerts: readonly Outcome[],
  missed: readonly MissedEvidence[],
  options: ValueOptions,
): Value {
  const { by, fromMs, toMs, shiftMs, people, budget, limit } = options
  const shifts = people * Math.max(1, (toMs - fromMs) / shiftMs)
  const total = rowOf('all', alerts, missed, shifts)
  const groups = Map.groupBy(alerts, (alert) => nameOf(alert, by))
  const rows = [...groups]
    .map(([name, own]) => rowOf(name, own, missedBy(missed, name, own, by), shifts))
    .toSorted((a, b) => b.noise - a.noise || b.alerts - a.alerts || (a.name < b.name ? -1 : 1))
  return {
    alerts_per_shift: total.alerts_per_shift,
    total,
    rows: rows.slice(0, limit),
    text: sentences(total, rows, budget),
  }
}

function nameOf({ alertname, service, entity }: Outcome, by: Grouping): string {
  const name = by === 'rule' ? alertname : by === 'service' ? service : entity
  return name === undefined || name === '' ? UNNAMED : name
}

/** What these alerts might have told of: of an entity or a service what is about it, of a rule what is about the services that it fired for. */
function missedBy(
  missed: readonly MissedEvidence[],
  name: string,
  alerts: readonly Outcome[],
  by: Grouping,
): MissedEvidence[] {
  if (by === 'entity') return missed.filter(({ entities }) => entities.includes(name))
  const services = new Set(by === 'service' ? [name] : alerts.flatMap(({ service }) => service ?? []))
  return missed.filter(({ service, entities }) => {
    if (service !== undefined && (services.has(service) || services.has(service.replace(/^.*\//, ''))))
      return true
    return entities.some((entity) => entity.split('/').some((part) => services.has(part)))
  })
}
