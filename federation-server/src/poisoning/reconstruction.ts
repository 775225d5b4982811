import type { Rng } from '@adf/detectors'
import { type Autoencoder, newAutoencoder, reconstructionError, train } from './autoencoder.ts'
import { type Finding, suspicionOf } from './inspection.ts'
import type { Measurement } from './measurements.ts'
import { deviationsAbove, noHistory, type RobustHistory, remembered } from './robust-history.ts'

/** What is known of how honest updates differ: the network, the rows it learns from, and its latest errors. */
export interface Reconstruction {
  readonly network: Autoencoder
  readonly rows: readonly Float64Array[]
  /** Of logarithms. */
  readonly errors: RobustHistory
}

const INPUTS = 32
const HIDDEN = 10
const EPOCHS = 20
const KEPT = 192
/** Before so many rows the network knows nothing to be surprised by. */
const FEWEST = 30
/** Errors within half of each other are alike. */
const FLOOR = 0.4

export const newReconstruction = (rng: Rng): Reconstruction => ({
  network: newAutoencoder(INPUTS, HIDDEN, Math.floor(rng() * 2 ** 31)),
  rows: [],
  errors: noHistory,
})

/**
 * How much of what an update says beyond the others an autoencoder does not know from earlier honest ones. Sites differ in ways that
 * stay, a few for each; an attack that keeps to usual norms and angles still goes a way that none of them went. It is given residuals
 * of sketches, since of whole updates it would reproduce one with all signs turned just as well.
 *
 * After S. Li et al., "Learning to Detect Malicious Clients for Robust Federated Learning", 2020 (arXiv 2002.00211).
 */
export function reconstructionFindings(
  known: Reconstruction,
  measurements: readonly Measurement[],
): { findings: (Finding | undefined)[]; errors: number[] } {
  const errors = measurements.map((measurement) =>
    Math.log(reconstructionError(known.network, rowOf(measurement)) + 1e-9),
  )
  if (known.rows.length < FEWEST) return { findings: errors.map(() => undefined), errors }
  const deviations = deviationsAbove(known.errors, errors, FLOOR)
  return {
    errors,
    findings: deviations.map((deviation, i) => ({
      kind: 'reconstruction',
      suspicion: suspicionOf(deviation),
      text: `reconstruction error ${Math.exp(errors[i]!).toPrecision(3)}, ${deviation.toFixed(1)} deviations from usual`,
    })),
  }
}

/**
 * Learns from those that were not held back. Errors are kept as they were before, since that is how the next ones will be seen.
 *
 * @param clean which of the round were not held back
 */
export function learned(
  known: Reconstruction,
  measurements: readonly Measurement[],
  errors: readonly number[],
  clean: readonly boolean[],
): Reconstruction {
  const rows = [...known.rows, ...measurements.filter((_, i) => clean[i]).map(rowOf)].slice(-KEPT)
  return {
    rows,
    network: train(known.network, rows, EPOCHS),
    errors: known.rows.length < FEWEST ? known.errors : remembered(known.errors, errors, clean),
  }
}

/** The residual folded to the network's inputs: a sketch folded is a smaller sketch. About 1 in each place. */
function rowOf({ residual }: Measurement): Float64Array {
  const row = new Float64Array(INPUTS)
  for (let k = 0; k < residual.length; k++) row[k % INPUTS]! += residual[k]!
  const scale = Math.sqrt(INPUTS)
  return row.map((value) => value * scale)
}
