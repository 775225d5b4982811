import { bendOf } from './bend.ts'
import { Calibration, COUNTED_KNOTS, HEAD } from './calibration.ts'
import { shareFrom } from './share-from.ts'

/** Samples that the last counted one is of. */
const BEYOND = 4
/** Places between the start of the tail and there. */
const PLACES = COUNTED_KNOTS - 1
/** Scores this near are tied: they are remembered in half precision. In scores, and as a share of the score. */
const TIED = { least: 0.005, share: 2 ** -10 }

/**
 * A calibration for which nothing in the tail is rarer than it was counted, up to the fourth sample from above; from there on the fitted tail
 * goes on, since a Pareto tail is one of the same shape from any of its places on. Where scores come in steps, as votes do, or many share
 * the largest possible one, a smooth tail makes the last steps too rare. The p-value of a tie is that of all who share it.
 *
 * @param raw the samples that it was fitted on
 */
export function countTail(raw: Float64Array, fitted: Calibration): Calibration {
  const c = fitted.parameters
  const [n, effective, start] = [c[0]!, c[1]!, c[2]!]
  const sorted = raw.toSorted()
  const last = Math.max(start, sorted[Math.max(0, sorted.length - BEYOND)]!)
  const tied = TIED.least + TIED.share * Math.abs(last)
  const knots = Array.from(c.subarray(HEAD), (each, i) => (i % 2 === 0 ? each + tied : each))
  if (last === start)
    return new Calibration(Float64Array.of(n, effective, start + tied, ...c.subarray(3, HEAD), ...knots))
  const atLeast = (value: number) => Math.max(fitted.probability(value), shareFrom(sorted, value))
  for (const value of places(sorted, start, last)) knots.push(value + tied, atLeast(value))
  const mass = Math.max(fitted.probability(last), shareFrom(sorted, above(last)))
  const straight = last - start > c[6]!
  const shape = straight ? 0 : c[5]!
  const scale = straight ? c[8]! : c[4]! + c[5]! * (last - start)
  const bend = bendOf(scale, shape, mass, 1 / (raw.length + 1))
  const head = [n, effective, last + tied, mass, scale, shape, bend.at, bend.mass, bend.scale]
  return new Calibration(Float64Array.from([...head, ...knots]))
}

/** Samples from the start of the tail to the last counted one, ascending, evenly spaced in the logarithm of what is above them. */
function places(sorted: Float64Array, start: number, last: number): number[] {
  const from = sorted.length - sorted.findIndex((value) => value > start)
  const ranks = Array.from({ length: PLACES }, (_, k) => from * (BEYOND / from) ** ((k + 1) / PLACES))
  const values = ranks.map((rank) => sorted[Math.max(0, sorted.length - Math.max(BEYOND, Math.floor(rank)))]!)
  return [...new Set([...values.filter((value) => value > start), last])].sort((a, b) => a - b)
}

/** The next number. */
const above = (value: number): number => value + Math.max(Number.MIN_VALUE, Math.abs(value) * Number.EPSILON)
