import type { Values } from '../vector/vector.ts'

/** An update to be looked at. */
export interface InspectedUpdate {
  readonly clientId: string
  readonly values: Values
}

/** One that was measured before, which need not be at hand any more. */
export interface MeasuredUpdate {
  readonly clientId: string
  readonly measured: Measured
}

/** What is looked at of one update by itself: a few hundred numbers in place of all its values. */
export interface Measured {
  /** Natural logarithm of the norm, then of that of each layer: they vary by factors. */
  readonly sizes: Float64Array
  /** Sketch of its direction, about as long as 1; zeros when it has none. */
  readonly sketch: Float64Array
}

/** Where a layer lies in the values. */
export interface LayerSpan {
  readonly name: string
  readonly offset: number
  readonly length: number
}

export type FindingKind = 'norm' | 'layer_norm' | 'direction' | 'similarity' | 'reconstruction'

/** One thing that is odd about an update. */
export interface Finding {
  readonly kind: FindingKind
  /** From 0, not odd, over 0.5, enough to hold it back, to 1. */
  readonly suspicion: number
  /** In words and numbers, for whoever reviews it. */
  readonly text: string
}

export interface Inspection {
  readonly clientId: string
  /** The largest of its findings. */
  readonly suspicion: number
  /** The most suspicious first; those below 0.1 are left out. */
  readonly findings: readonly Finding[]
  /** Of the client, after this update. */
  readonly reputation: number
  /** To be held back: the update is suspicious, or its client has been too often. */
  readonly quarantined: boolean
}

/** From this suspicion on an update is held back. */
export const HELD_BACK = 0.5

/** In robust standard deviations: 3 is not odd, 6 is held back, 9 is certain. */
export const suspicionOf = (deviation: number): number => Math.min(1, Math.max(0, (deviation - 3) / 6))
