import { Counter, Gauge, type Registry } from 'prom-client'
import { budgetOf } from './budget.ts'
import { burnRate } from './burn.ts'
import type { Uncounted } from './counting.ts'
import type { Subject } from './firing.ts'
import { BURN_WINDOWS } from './windows.ts'

const LABELS = ['slo', 'service'] as const

/** One series for each objective (`slo.max_services` bounds them), and one for each of its windows. Made at each scrape. */
export function sloMetrics(registry: Registry, subjects: () => Iterable<Subject>, clock: () => number) {
  const registers = [registry]
  const labelsOf = ({ objective }: Subject) => ({ slo: objective.name, service: objective.service })
  const counter = (name: string, help: string, value: (subject: Subject) => number) =>
    new Counter({
      name,
      help,
      labelNames: LABELS,
      registers,
      collect() {
        this.reset()
        for (const subject of subjects()) this.inc(labelsOf(subject), value(subject))
      },
    })
  counter(
    'adf_slo_requests_total',
    'Requests that an objective counts, since the start of the process.',
    ({ measure }) => measure.lifeTotal,
  )
  counter(
    'adf_slo_good_requests_total',
    'Requests that an objective counts as good, since the start of the process.',
    ({ measure }) => measure.lifeGood,
  )
  const gauge = (name: string, help: string, value: (subject: Subject) => number | undefined) =>
    new Gauge({
      name,
      help,
      labelNames: LABELS,
      registers,
      collect() {
        this.reset()
        for (const subject of subjects()) this.set(labelsOf(subject), value(subject) ?? Number.NaN)
      },
    })
  gauge(
    'adf_slo_objective_ratio',
    'Share of requests that must be good.',
    ({ objective }) => objective.target,
  )
  gauge(
    'adf_slo_budget_left_ratio',
    'Share of the error budget that is left, below 0 when it is overdrawn; NaN without requests.',
    ({ objective, measure }) => budgetOf(objective, measure, clock()).left,
  )
  new Gauge({
    name: 'adf_slo_burn_rate',
    help: 'Share of bad requests in a window divided by the share that the objective allows; NaN without requests.',
    labelNames: [...LABELS, 'window'],
    registers,
    collect() {
      this.reset()
      for (const subject of subjects())
        for (const window of BURN_WINDOWS) {
          const rate = burnRate(subject.measure.window(window, clock()), subject.objective.target)
          this.set({ ...labelsOf(subject), window }, rate ?? Number.NaN)
        }
    },
  })
  const uncounted = new Counter({
    name: 'adf_slo_uncounted_total',
    help: 'Request spans and points of request metrics that no objective counts, by reason.',
    labelNames: ['reason'],
    registers,
  })
  return {
    uncounted: (reason: Uncounted) => uncounted.inc({ reason }),
    alerts: new Counter({
      name: 'adf_slo_alert_changes_total',
      help: 'Burn-rate alerts that fired or were resolved.',
      labelNames: ['severity', 'change'],
      registers,
    }),
    saves: new Counter({
      name: 'adf_slo_saves_total',
      help: 'Times that counts were saved, or could not be: those are kept and saved later.',
      labelNames: ['outcome'],
      registers,
    }),
  }
}
