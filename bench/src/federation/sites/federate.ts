import type { ClientPrivacy, Training } from '@adf/contract/federation'
import { compressOwing, decodeUpdate, encodeDelta } from '@adf/detectors/update'
import type { SiteThread } from './site-thread.ts'
import type { RoundOrder } from './training-order.ts'

/** What a site hands over, as it comes out at the server. */
export interface SiteUpdate {
  readonly site: number
  readonly values: Float32Array
  readonly samples: number
}

/** Steps of the quantisation; left out: everything in single precision. */
export interface Quantisation {
  up(round: number): number
  readonly down: number
}

export interface FederateOptions {
  readonly threads: readonly Pick<SiteThread, 'round'>[]
  readonly initial: Float32Array
  readonly rounds: number
  readonly training: Training
  readonly privacy?: ClientPrivacy | undefined
  readonly quantisation?: Quantisation | undefined
  readonly seed: number
  /** How the updates of a round become one. */
  combine(updates: readonly SiteUpdate[], weights: Float64Array, round: number): Float64Array
  /** Told of each round: what it began with, and what the server saw. */
  onRound?(round: number, base: Float32Array, updates: readonly SiteUpdate[]): void
}

export interface Federated {
  /** As clients hold them. */
  readonly weights: Float32Array
  /** Frames of updates, and of deltas once for each site. */
  readonly bytes: { readonly up: number; readonly down: number }
}

/** Rounds without a server or sockets: the same local rounds and the same codec, one after the other, and the same bits for the same arguments. */
export async function federate(options: FederateOptions): Promise<Federated> {
  const { threads, initial, rounds, combine, quantisation, onRound } = options
  let held: Float32Array = initial
  let weights = Float64Array.from(initial)
  const residuals: Float32Array[] = threads.map(() => new Float32Array(initial.length))
  const bytes = { up: 0, down: 0 }
  for (let round = 1; round <= rounds; round++) {
    const base = held
    const learned = await Promise.all(
      threads.map((thread, site) => thread.round(orderOf(options, base, round, site))),
    )
    const updates = learned.flatMap((outcome, site): SiteUpdate[] => {
      if (outcome.kind === 'nothing') throw new Error(`site ${site} in round ${round}: ${outcome.detail}`)
      const { update, samples } = outcome
      if (quantisation === undefined) return [{ site, values: update, samples }]
      const { bytes: frame, residual } = compressOwing(update, residuals[site]!, quantisation.up(round))
      residuals[site] = residual
      bytes.up += frame.length
      return [{ site, values: decodeUpdate(frame, update.length), samples }]
    })
    onRound?.(round, base, updates)
    const step = combine(updates, weights, round)
    weights = weights.map((weight, i) => weight + step[i]!)
    const made = Float32Array.from(weights)
    if (quantisation === undefined) held = made
    else {
      const delta = encodeDelta(held, made, quantisation.down)
      bytes.down += threads.length * delta.bytes.length
      held = delta.held
    }
  }
  return { weights: held, bytes }
}

/** Each site and round has its own order of the data. */
const orderOf = (
  { training, privacy, seed, threads }: FederateOptions,
  base: Float32Array,
  round: number,
  site: number,
): Omit<RoundOrder, 'kind'> => ({
  base,
  training,
  privacy: privacy ?? null,
  seed: (seed * 1_000_003 + round * threads.length + site) >>> 0,
})
