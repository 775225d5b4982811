import type { OutgoingAlert } from '../store/store.ts'
import { budgetOf } from './budget.ts'
import { burnRate, burns } from './burn.ts'
import { burningNow } from './burning.ts'
import type { FiringAlert, Subject } from './firing.ts'
import type { Objective } from './objective.ts'
import { BURN_ALERTS, type BurnAlert } from './windows.ts'
import { demandText, lastText, percentText } from './words.ts'

export const ALERT_NAME = 'AdfSloBurn'
/** Alerts of this kind have ids that begin so; those of incidents are UUIDs. */
const PREFIX = 'slo:'
/** An alert ends when its windows were quiet for so long: a rate that swings around its limit is one alert. */
const QUIET_MS = 60_000

interface Firing extends FiringAlert {
  readonly id: string
  quietSinceMs: number | undefined
}

/** Where alerts go: Alertmanager, by way of the outbox. */
export interface AlertSink {
  raise(alert: OutgoingAlert): void
  end(id: string, endsMs: number): void
}

export interface BurnAlertChange {
  readonly change: 'fired' | 'resolved'
  readonly objective: Objective
  readonly alert: BurnAlert
}

export const isBurnAlert = (id: string): boolean => id.startsWith(PREFIX)

/** Decides which burn-rate alerts fire. Nothing but the counts goes into it: no threshold, score or verdict can silence one. */
export class BurnAlerts {
  readonly #sink: AlertSink
  readonly #changed: (change: BurnAlertChange) => void
  readonly #firing = new Map<string, Firing>()

  constructor(sink: AlertSink, changed: (change: BurnAlertChange) => void) {
    this.#sink = sink
    this.#changed = changed
  }

  /** Takes up an alert that fired when the process ended. False when it is none of ours, or there is one like it already. */
  restore(alert: OutgoingAlert, { objective }: Subject): boolean {
    const pair = BURN_ALERTS.find(({ long }) => long === alert.labels['window'])
    if (pair === undefined || this.#firing.has(key(objective, pair))) return false
    this.#firing.set(key(objective, pair), {
      alert: pair,
      id: alert.incidentId,
      sinceMs: alert.startsMs,
      quietSinceMs: undefined,
    })
    return true
  }

  evaluate({ objective, measure }: Subject, nowMs: number): void {
    const rateOf = (window: BurnAlert['long' | 'short']) =>
      burnRate(measure.window(window, nowMs), objective.target)
    for (const alert of BURN_ALERTS) {
      const firing = this.#firing.get(key(objective, alert))
      if (burns(alert, rateOf)) {
        if (firing === undefined) this.#fire(objective, alert, nowMs)
        else firing.quietSinceMs = undefined
      } else if (firing !== undefined) {
        firing.quietSinceMs ??= nowMs
        if (nowMs - firing.quietSinceMs >= QUIET_MS) this.#resolve(objective, firing, nowMs)
      }
    }
  }

  of(objective: Objective): FiringAlert[] {
    return BURN_ALERTS.flatMap((alert) => this.#firing.get(key(objective, alert)) ?? [])
  }

  #fire(objective: Objective, alert: BurnAlert, nowMs: number): void {
    const id = `${PREFIX}${key(objective, alert)}:${nowMs}`
    this.#firing.set(key(objective, alert), { alert, id, sinceMs: nowMs, quietSinceMs: undefined })
    this.#sink.raise({ incidentId: id, labels: labelsOf(objective, alert), startsMs: nowMs, endsMs: null })
    this.#changed({ change: 'fired', objective, alert })
  }

  #resolve(objective: Objective, { alert, id }: Firing, nowMs: number): void {
    this.#firing.delete(key(objective, alert))
    this.#sink.end(id, nowMs)
    this.#changed({ change: 'resolved', objective, alert })
  }
}

const key = ({ name, service }: Objective, { long }: BurnAlert) => `${name}:${service}:${long}`

/** Identity of the alert at Alertmanager: nothing that changes while it fires. */
function labelsOf({ name, service }: Objective, { severity, long }: BurnAlert): Record<string, string> {
  return { alertname: ALERT_NAME, slo: name, service, severity, window: long }
}

/** What an alert says to people now. */
export function annotationsOf(
  { objective, measure }: Subject,
  window: string | undefined,
  nowMs: number,
): Record<string, string> {
  const pair = BURN_ALERTS.find(({ long }) => long === window) ?? BURN_ALERTS[0]
  const told = (each: BurnAlert['long' | 'short']) => {
    const counts = measure.window(each, nowMs)
    const bad = Math.max(0, counts.total - counts.good)
    const share = counts.total > 0 ? bad / counts.total : 0
    const rate = (burnRate(counts, objective.target) ?? 0).toFixed(1)
    return `in ${lastText(each)} ${Math.round(bad)} of ${Math.round(counts.total)} were bad (${percentText(share)}, ${rate} times what it allows)`
  }
  const { left } = budgetOf(objective, measure, nowMs)
  return {
    summary: burningNow(objective, measure, pair.long, nowMs),
    description: [
      `${objective.displayName ?? objective.name}: ${demandText(objective)}`,
      told(pair.long),
      told(pair.short),
      ...(left === undefined ? [] : [`left of the budget: ${percentText(left)}`]),
    ].join('\n'),
  }
}
