import type { Rng } from '@adf/detectors'

/** What attackers know in a round: everything. They work together, and see what the honest send before they send themselves. */
export interface AttackView {
  /** From 1. */
  readonly round: number
  /** Global weights that everybody began with. */
  readonly weights: Float32Array
  /** What each attacker would send if it were honest. */
  readonly own: readonly Float32Array[]
  /** What the others send; at least one. */
  readonly honest: readonly Float32Array[]
  /** What each attacker learns of anomalies alone, as if they were normal. Trained when it is asked for. */
  readonly poisoned: () => readonly Float32Array[]
  readonly rng: Rng
}

/** A way to poison a round. Pure; the arguments are never written to. */
export interface Attack {
  readonly name: string
  /** An update for each of `own`. */
  craft(view: AttackView): Float32Array[]
}
