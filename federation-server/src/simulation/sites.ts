import { normal, type Rng, seeded } from '@adf/detectors'

/** What one site has. Rows are standardised by its own normal ones. */
export interface Site {
  /** Normal ones, to train on. */
  readonly normal: readonly Float64Array[]
  /** Anomalous ones, which an attacker trains on. */
  readonly anomalous: readonly Float64Array[]
  readonly test: readonly LabelledRow[]
}

interface LabelledRow {
  readonly row: Float64Array
  readonly anomalous: boolean
}

export const CHANNELS = 24
/** Causes behind the channels, such as load: fewer than channels, or there would be nothing to learn. */
const CAUSES = 4
/** How far the causes of a site act on its channels otherwise than elsewhere. */
const OWN = 0.35
const NOISE = 0.25
const NORMAL_ROWS = 240
const ANOMALOUS_ROWS = 240
const TEST_ROWS = 600
const ANOMALOUS_SHARE = 0.1

/**
 * Sites that are alike but not the same: in each some causes, which come and go in cycles of its own, move many channels together,
 * and act on them partly as everywhere and partly as only there. An anomaly breaks what the channels have in common, and leaves each
 * within its usual range: it is seen by who knows how they go together.
 */
export function makeSites(count: number, seed: number): Site[] {
  const rng = seeded(seed)
  const everywhere = matrix(rng)
  return Array.from({ length: count }, () => makeSite(everywhere, rng))
}

function makeSite(everywhere: readonly Float64Array[], rng: Rng): Site {
  const own = matrix(rng)
  const mixing = everywhere.map((row, channel) =>
    row.map((value, cause) => Math.sqrt(1 - OWN ** 2) * value + OWN * own[channel]![cause]!),
  )
  const causes = Array.from({ length: CAUSES }, () => ({
    size: Math.exp(0.5 * normal(rng)),
    period: 20 + 80 * rng(),
    phase: 2 * Math.PI * rng(),
  }))
  let time = 0
  const next = (): Float64Array => {
    time++
    const levels = causes.map(
      ({ size, period, phase }) =>
        size * (Math.SQRT2 * Math.sin((2 * Math.PI * time) / period + phase) + 0.5 * normal(rng)),
    )
    return Float64Array.from(mixing, (row) => {
      let sum = NOISE * normal(rng)
      for (let cause = 0; cause < CAUSES; cause++) sum += row[cause]! * levels[cause]!
      return sum
    })
  }
  const rows = (length: number) => Array.from({ length }, next)
  const raw = rows(NORMAL_ROWS)
  const standardise = standardiser(raw)
  const standard = raw.map(standardise)
  const broken = () => anomalousOf(standardise(next()), standard, rng)
  return {
    normal: standard,
    anomalous: Array.from({ length: ANOMALOUS_ROWS }, broken),
    test: Array.from({ length: TEST_ROWS }, () => {
      const anomalous = rng() < ANOMALOUS_SHARE
      return { anomalous, row: anomalous ? broken() : standardise(next()) }
    }),
  }
}

/** Of unit rows: each channel is moved as much as any other. */
function matrix(rng: Rng): Float64Array[] {
  return Array.from({ length: CHANNELS }, () => {
    const row = Float64Array.from({ length: CAUSES }, () => normal(rng))
    const length = Math.hypot(...row)
    return row.map((value) => value / length)
  })
}

function standardiser(rows: readonly Float64Array[]): (row: Float64Array) => Float64Array {
  const mean = new Float64Array(CHANNELS)
  for (const row of rows) for (let i = 0; i < CHANNELS; i++) mean[i]! += row[i]! / rows.length
  const square = new Float64Array(CHANNELS)
  for (const row of rows)
    for (let i = 0; i < CHANNELS; i++) square[i]! += (row[i]! - mean[i]!) ** 2 / rows.length
  return (row) => row.map((value, i) => (value - mean[i]!) / Math.sqrt(square[i]!))
}

/** A few channels as they were at another time. */
function anomalousOf(row: Float64Array, others: readonly Float64Array[], rng: Rng): Float64Array {
  const broken = row.slice()
  const other = others[Math.floor(rng() * others.length)]!
  const count = 6 + Math.floor(rng() * 7)
  for (let k = 0; k < count; k++) {
    const channel = Math.floor(rng() * CHANNELS)
    broken[channel] = other[channel]!
  }
  return broken
}
