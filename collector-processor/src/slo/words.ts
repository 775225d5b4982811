import type { Objective } from './objective.ts'
import { periodAdjective } from './period.ts'
import type { BurnWindow } from './windows.ts'

const WINDOW_TEXT: Readonly<Record<BurnWindow, string>> = {
  '5m': 'five minutes',
  '30m': 'half hour',
  '1h': 'hour',
  '6h': 'six hours',
  '3d': 'three days',
}

/** `the last hour` */
export const lastText = (window: BurnWindow): string => `the last ${WINDOW_TEXT[window]}`

/** `23 %`, `0.4 %`; never 0 for what is not. */
export function percentText(share: number): string {
  const percent = 100 * share
  if (percent === 0) return '0 %'
  if (Math.abs(percent) >= 10) return `${percent.toFixed(0)} %`
  if (Math.abs(percent) >= 0.1) return `${percent.toFixed(1)} %`
  return percent > 0 ? 'less than 0.1 %' : 'less than -0.1 %'
}

/** `3 h 20 min`, `4 d 6 h`, `12 min`, `less than a minute` */
export function spanText(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 1) return 'less than a minute'
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60]
  const parts = days > 0 ? [part(days, 'd'), part(hours, 'h')] : [part(hours, 'h'), part(rest, 'min')]
  return parts.filter((text) => text !== '').join(' ')
}

const part = (count: number, unit: string) => (count === 0 ? '' : `${count} ${unit}`)

/** `99.9 %`, with as many digits as it has. */
export const targetText = (target: number): string => `${Number((100 * target).toPrecision(10))} %`

/** What the objective asks for. */
export function demandText({ service, indicator, target, period }: Objective): string {
  const good = indicator.kind === 'availability' ? 'succeed' : `take ${indicator.thresholdMs} ms at most`
  const within = period.kind === 'rolling' ? `${period.days} days` : `the ${period.unit}`
  return `${targetText(target)} of the requests of ${service} must ${good} within ${within}`
}

export interface Burning {
  readonly window: BurnWindow
  /** Share of the whole budget that the window used. */
  readonly used: number
  /** undefined: it lasts. */
  readonly runsOutMs: number | undefined
  readonly left: number | undefined
  readonly nowMs: number
}

/** `checkout has used 23 % of its 30-day error budget in the last hour; at this rate it is gone in 3 h 20 min` */
export function burningText(objective: Objective, burning: Burning): string {
  const { window, used, runsOutMs, left, nowMs } = burning
  const { service, indicator, period } = objective
  const budget = `${periodAdjective(period)} error budget${indicator.kind === 'latency' ? ` for requests over ${indicator.thresholdMs} ms` : ''}`
  const end =
    left !== undefined && left <= 0
      ? 'the budget is used up'
      : runsOutMs === undefined
        ? 'at this rate it lasts'
        : `at this rate it is gone in ${spanText(runsOutMs - nowMs)}`
  return `${service} has used ${percentText(used)} of its ${budget} in ${lastText(window)}; ${end}`
}
