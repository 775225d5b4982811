import { Counter, Gauge, type Registry } from 'prom-client'
import type { LogCounts } from './log-counts.ts'

/** Why something is not counted any more, or never was; each so often. */
export interface LogLosses {
  readonly template_limit: number
  readonly merged: number
  readonly transition_limit: number
  readonly exception_limit: number
  readonly open_span_limit: number
  readonly service_limit: number
  readonly untold: number
}

/** @param losses so far */
export function registerLogMetrics(
  registry: Registry,
  counts: LogCounts,
  templates: () => number,
  losses: () => LogLosses,
): void {
  const sizes = new Gauge({
    name: 'adf_log_templates',
    help: 'Log templates, and transitions and exception types counted beside them.',
    labelNames: ['what'],
    registers: [registry],
    collect: () => {
      sizes.set({ what: 'templates' }, templates())
      sizes.set({ what: 'transitions' }, counts.transitionTable.size)
      sizes.set({ what: 'exceptions' }, counts.exceptionTable.size)
    },
  })
  const dropped = new Counter({
    name: 'adf_log_templates_dropped_total',
    help: 'Log templates, transitions, exception types and open spans that made room for others, templates that were merged, records of services too many, and records that another member told of a template that was not told, by reason.',
    labelNames: ['reason'],
    registers: [registry],
    collect: () => {
      dropped.reset()
      for (const [reason, count] of Object.entries(losses())) dropped.inc({ reason }, count)
    },
  })
}
