import type { Rng } from '@adf/detectors'
import { compressOwing, compressUpdate, UpdateError } from '@adf/detectors/update'
import type { Attack } from './attack.ts'
import { forgedFrame } from './forged-frame.ts'
import { learn } from './site-network.ts'
import type { Site } from './sites.ts'

/** Rows that a site draws for a round, and its passes over them. */
const DRAWN = 64
const PASSES = 5

export interface Participants {
  /** The attackers first, in the order of client ids. */
  readonly clients: readonly Site[]
  /** How many of them attack. */
  readonly attackers: number
  /** undefined: nobody attacks. */
  readonly attack: Attack | undefined
  /** Whose updates are never held back. */
  readonly trusted: readonly Site[]
}

/** What is on the wire in a round. */
export interface Frames {
  readonly clients: readonly Uint8Array[]
  readonly trusted: readonly Uint8Array[]
}

export interface RoundView {
  readonly round: number
  /** As everybody holds them. */
  readonly weights: Float32Array
  /** Of the quantisation. */
  readonly step: number
  readonly owed: Owed
  /** Draws rows: the same ones whatever the attack. */
  readonly draw: Rng
  /** The attackers' own. */
  readonly rng: Rng
}

/** What clients still owe, the trusted behind the others: what quantisation left out of their updates. */
export type Owed = ReadonlyMap<number, Float32Array>

/**
 * Frames of all clients for a round, and what they owe then. The honest train and compress as processors do; attackers write whatever
 * bytes say what they want to say, and owe nothing.
 */
export function framesOf(
  { clients, attackers, attack, trusted }: Participants,
  about: RoundView,
): { frames: Frames; owed: Owed } {
  const { round, weights, step, draw, rng } = about
  const learned = (rows: readonly Float64Array[]) => learn(weights, drawn(rows, draw), PASSES)
  const updates = clients.map(({ normal }) => learned(normal))
  const first = attack === undefined ? 0 : attackers
  const roots = trusted.map(({ normal }) => learned(normal))
  const forged =
    attack?.craft({
      round,
      weights,
      own: updates.slice(0, first),
      honest: updates.slice(first),
      poisoned: () =>
        clients.slice(0, first).map(({ anomalous }) => learn(weights, drawn(anomalous, rng), PASSES)),
      rng,
    }) ?? []
  const owed = new Map(about.owed)
  const honestFrame = (client: number, update: Float32Array) => {
    const { bytes, residual } = compressOwing(
      update,
      owed.get(client) ?? new Float32Array(update.length),
      step,
    )
    owed.set(client, residual)
    return bytes
  }
  const frames = updates.map((update, i) => (i < first ? frameOf(forged[i]!, step) : honestFrame(i, update)))
  const rootFrames = roots.map((update, i) => honestFrame(clients.length + i, update))
  return { frames: { clients: frames, trusted: rootFrames }, owed }
}

function frameOf(update: Float32Array, step: number): Uint8Array {
  try {
    return compressUpdate(update, step).bytes
  } catch (error) {
    if (error instanceof UpdateError) return forgedFrame(update)
    throw error
  }
}

const drawn = (rows: readonly Float64Array[], rng: Rng): Float64Array[] =>
  Array.from({ length: DRAWN }, () => rows[Math.floor(rng() * rows.length)]!)
