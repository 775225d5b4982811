import { fitPareto } from '@adf/detectors/pareto'
import { checkNumber } from '../tuner-error.ts'

export interface SpotOptions {
  /** Probability of a value over the threshold in normal operation. */
  readonly q: number
  /** Values that it is calibrated on. */
  readonly initial: number
  /** Share of them that the tail begins over. */
  readonly level: number
  /** Excesses that are kept, the latest. */
  readonly mostExcesses: number
}

/** As its authors publish it (n = 1000, level 98 %, q = 1e-4). */
export const SPOT: SpotOptions = { q: 1e-4, initial: 1000, level: 0.98, mostExcesses: 500 }

/** What SPOT knows of a stream of values. A type, since interfaces are no JSON. */
export type Tail = {
  /** Values until it is calibrated, none afterwards. */
  readonly first: readonly number[]
  /** Where the tail begins. */
  readonly t: number
  /** Values that were no anomalies. */
  readonly n: number
  readonly over: number
  readonly excesses: readonly number[]
  /** Excesses at the latest fit. */
  readonly fitted: number
  /** Threshold; null until it is calibrated. */
  readonly z: number | null
}

export const NO_TAIL: Tail = { first: [], t: 0, n: 0, over: 0, excesses: [], fitted: 0, z: null }

/** @throws TunerError */
export function checkSpot({ q, initial, level, mostExcesses }: SpotOptions): void {
  checkNumber('q', q, 1e-12, 0.1)
  checkNumber('level', level, 0.5, 0.9999)
  checkNumber('values to calibrate on', initial, 10, 100_000)
  checkNumber('excesses kept', mostExcesses, 10, 100_000)
}

/** Growth of the excesses after which the tail is fitted anew: a fit after each, as published, changes little and costs much. */
const GROWN = 1.05

/**
 * One step of SPOT: a value over z is an anomaly and not learned; one over t is an excess, and the tail is fitted anew.
 *
 * z_q = t + (σ/γ)[(q·n/N_t)^−γ − 1] with a generalised Pareto distribution of the excesses over t.
 *
 * Source: A. Siffer et al.: Anomaly detection in streams with extreme value theory (KDD 2017), with the fit of Zhang and Stephens in place of
 * Grimshaw's.
 */
export function extend(tail: Tail, value: number, options: SpotOptions): Tail {
  if (tail.z === null) {
    const first = [...tail.first, value]
    return first.length < options.initial ? { ...tail, first } : calibrated(first, options)
  }
  if (value > tail.z) return tail
  if (value <= tail.t) return { ...tail, n: tail.n + 1 }
  const excesses = [
    ...tail.excesses.slice(tail.excesses.length < options.mostExcesses ? 0 : 1),
    value - tail.t,
  ]
  const next = { ...tail, n: tail.n + 1, over: tail.over + 1, excesses }
  return next.over >= GROWN * tail.fitted ? refitted(next, options) : next
}

function calibrated(first: readonly number[], options: SpotOptions): Tail {
  const sorted = Float64Array.from(first).sort()
  const t = sorted[Math.min(sorted.length - 1, Math.floor(options.level * sorted.length))]!
  const excesses = first.filter((value) => value > t).map((value) => value - t)
  return refitted(
    { first: [], t, n: first.length, over: excesses.length, excesses, fitted: 0, z: t },
    options,
  )
}

function refitted(tail: Tail, { q }: SpotOptions): Tail {
  const { excesses, t, n, over } = tail
  if (excesses.length === 0) return tail
  const { scale, shape } = fitPareto(Float64Array.from(excesses).sort())
  const ratio = (q * n) / over
  const z = t + (Math.abs(shape) < 1e-9 ? -scale * Math.log(ratio) : (scale / shape) * (ratio ** -shape - 1))
  return { ...tail, fitted: over, z: Number.isFinite(z) ? Math.max(t, z) : t }
}
