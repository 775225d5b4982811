import { createHash } from 'node:crypto'
import { type NetworkSpec, weightCount, weightLayers } from '@adf/detectors/network'
import { UpdateError } from '@adf/detectors/update'
import { weightBytes, weightsOf } from '@adf/federation/weights'
import { AggregationError } from '../aggregate/aggregation-error.ts'
import type { Aggregator, LeftOut } from '../aggregate/aggregator.ts'
import type { ServerOptimiser } from '../aggregate/optimiser/server-optimiser.ts'
import { PoisoningDetector } from '../poisoning/poisoning-detector.ts'
import { norm } from '../vector/vector.ts'
import { combine } from './combine.ts'
import { type JudgedRound, judge } from './judge.ts'
import { randomness } from './randomness.ts'
import { type Reading, readUpdateOf } from './reading.ts'
import { type Released, release } from './release.ts'
import { aggregatorOf, optimiserOf } from './rule-of.ts'
import type { RunSettings } from './settings.ts'
import { decodeOptimiser, decodePoisoning, encodeOptimiser, encodePoisoning } from './state-codec.ts'
import type { Submitted } from './submitted.ts'

/** Of the settings of a run, those that its computation follows. */
export type ComputedSettings = Pick<
  RunSettings,
  'aggregation' | 'optimiser' | 'quantisation' | 'poisoning' | 'maxNormRatio' | 'stalenessLimit'
> & { readonly model: { readonly network: NetworkSpec } }

/** What a run remembers between rounds, as the database has it. */
export interface Memory {
  readonly weights: Uint8Array
  readonly optimiser: Uint8Array | undefined
  readonly poisoning: Uint8Array | undefined
}

export interface RoundToJudge {
  readonly round: number
  readonly base: number
  readonly memory: Memory
  readonly updates: readonly Submitted[]
}

export interface RoundToCombine extends RoundToJudge {
  /** Weights that clients hold of the version that it begins with. */
  readonly held: Uint8Array
}

export interface Judged extends Omit<JudgedRound, 'poisoning'> {
  readonly poisoning: Uint8Array | undefined
}

/** What a round made. */
export interface Made {
  readonly kind: 'made'
  /** For the rounds to come. */
  readonly weights: Uint8Array
  /** SHA-256 over them, in hexadecimal. */
  readonly hash: string
  readonly optimiser: Uint8Array
  readonly released: Omit<Released, 'weights'> & { readonly weights: Uint8Array }
  readonly leftOut: readonly LeftOut[]
  readonly faulty: number
}

/** The rule cannot make anything of such a round. */
export interface Impossible {
  readonly kind: 'impossible'
  readonly reason: string
}

/**
 * All that is worked out for one run, from bytes to bytes. Pure: what comes out follows from what goes in and the secret of the run, whichever thread
 * or process does it.
 */
export class RunComputation {
  readonly #settings: ComputedSettings
  readonly #secret: Uint8Array
  readonly #count: number
  readonly #aggregator: Aggregator
  readonly #optimiser: ServerOptimiser
  readonly #detector: PoisoningDetector | undefined

  constructor(settings: ComputedSettings, secret: Uint8Array) {
    this.#settings = settings
    this.#secret = secret
    this.#count = weightCount(settings.model.network)
    this.#aggregator = aggregatorOf(settings.aggregation, settings.stalenessLimit)
    this.#optimiser = optimiserOf(settings.optimiser)
    this.#detector = settings.poisoning.enabled
      ? new PoisoningDetector(
          { layers: weightLayers(settings.model.network) },
          randomness(secret, 'poisoning', 0),
        )
      : undefined
  }

  /** @throws UpdateError */
  read(body: Uint8Array): Reading {
    return readUpdateOf(body, this.#count, this.#detector)
  }

  judge({ round, base, memory, updates }: RoundToJudge): Judged {
    const { stalenessLimit, maxNormRatio } = this.#settings
    const judged = judge(updates, {
      round,
      base,
      stalenessLimit,
      largestNorm: maxNormRatio * norm(weightsOf(memory.weights, this.#count)),
      detector: this.#detector,
      poisoning: memory.poisoning === undefined ? undefined : decodePoisoning(memory.poisoning),
    })
    return { ...judged, poisoning: judged.poisoning && encodePoisoning(judged.poisoning) }
  }

  combine({ round, base, memory, held, updates }: RoundToCombine): Made | Impossible {
    const { aggregation, stalenessLimit, quantisation } = this.#settings
    try {
      const made = combine(updates, {
        settings: aggregation,
        aggregator: this.#aggregator,
        optimiser: this.#optimiser,
        state: memory.optimiser === undefined ? undefined : decodeOptimiser(memory.optimiser, this.#count),
        weights: weightsOf(memory.weights, this.#count),
        base,
        stalenessLimit,
        rng: randomness(this.#secret, 'aggregation', round),
      })
      const released = release(weightsOf(held, this.#count), made.weights, quantisation.down)
      const weights = weightBytes(made.weights)
      return {
        kind: 'made',
        weights,
        hash: createHash('sha256').update(weights).digest('hex'),
        optimiser: encodeOptimiser(made.state),
        released: { ...released, weights: weightBytes(released.weights) },
        leftOut: made.leftOut,
        faulty: made.faulty,
      }
    } catch (error) {
      if (error instanceof AggregationError || error instanceof UpdateError || error instanceof RangeError)
        return { kind: 'impossible', reason: error.message }
      throw error
    }
  }
}
