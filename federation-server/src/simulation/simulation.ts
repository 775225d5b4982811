import { seeded, weightLayers } from '@adf/detectors'
import { decodeUpdate, UpdateError } from '@adf/detectors/update'
import { AggregationError } from '../aggregate/aggregation-error.ts'
import type { OptimiserState } from '../aggregate/optimiser/server-optimiser.ts'
import { PoisoningDetector, type PoisoningState } from '../poisoning/poisoning-detector.ts'
import { combine } from '../round/combine.ts'
import { judge } from '../round/judge.ts'
import { randomness } from '../round/randomness.ts'
import { release } from '../round/release.ts'
import { aggregatorOf, optimiserOf } from '../round/rule-of.ts'
import { type RunSettings, stepUp } from '../round/settings.ts'
import type { Submitted } from '../round/submitted.ts'
import { norm } from '../vector/vector.ts'
import type { Attack } from './attack.ts'
import { type Frames, framesOf, type Owed } from './participants.ts'
import { firstWeights, network, qualityOf } from './site-network.ts'
import { makeSites } from './sites.ts'
import { type Tally, tally } from './tally.ts'

export interface SimulationOptions {
  readonly clients: number
  /** How many of them attack, when there is an attack; quality is that of the others either way. */
  readonly attackers: number
  readonly attack: Attack | undefined
  readonly rounds: number
  /** Of sites, first weights, attackers' noise and the server's secret. */
  readonly seed: number
  /** Further sites that are trusted: the mean of their updates is the root of `fl_trust`, and does not count itself. */
  readonly trusted: number
  readonly settings: ServerSettings
}

/** What decides on the server. */
export type ServerSettings = Pick<
  RunSettings,
  'aggregation' | 'optimiser' | 'quantisation' | 'poisoning' | 'maxNormRatio' | 'stalenessLimit'
>

export interface SimulationReport extends Tally {
  /** Average precision of the global weights on the honest sites, in points; mean of the last rounds. */
  readonly quality: number
  /** Rounds whose updates the rule refused to aggregate. */
  readonly abandoned: number
  /** Why, of the last of them. */
  readonly abandonedFor: string | undefined
  /** Of all updates. */
  readonly bytesUp: number
}

/** Rounds at the end whose quality is averaged: of one alone chance would be a good part. */
const JUDGED = 5

/**
 * Rounds of a federation some of whose clients attack, by what decides on the server: the codec, the door, the poisoning detector with reputations,
 * pre-steps, rule, optimiser and release. All clients answer in each round; nobody reviews what is held back. Pure: the same
 * options give the same report.
 *
 * @throws RangeError for numbers of clients that make no federation
 */
export function simulate(options: SimulationOptions): SimulationReport {
  const { clients, attackers, attack, rounds, seed, trusted, settings } = options
  check(options)
  const sites = makeSites(clients + trusted, seed)
  const participants = {
    clients: sites.slice(0, clients),
    attackers,
    attack,
    trusted: sites.slice(clients),
  }
  const server = new SimulatedServer(settings, seed)
  const draw = seeded(seed + 1)
  const rng = seeded(seed + 2)
  const out: boolean[][] = participants.clients.map(() => [])
  const qualities: number[] = []
  let owed: Owed = new Map()
  let bytesUp = 0
  for (let round = 1; round <= rounds; round++) {
    const about = { round, weights: server.held, step: stepUp(settings, round), owed, draw, rng }
    const sent = framesOf(participants, about)
    owed = sent.owed
    for (const frame of sent.frames.clients) bytesUp += frame.length
    const counted = server.round(round, sent.frames)
    for (const [client, updates] of out.entries()) updates.push(!counted.has(client))
    if (round > rounds - JUDGED) qualities.push(qualityOf(server.held, participants.clients.slice(attackers)))
  }
  return {
    ...tally(out, attack === undefined ? 0 : attackers),
    quality: qualities.reduce((sum, value) => sum + value, 0) / qualities.length,
    abandoned: server.abandoned,
    abandonedFor: server.abandonedFor,
    bytesUp,
  }
}

function check({ clients, attackers, trusted, rounds }: SimulationOptions): void {
  for (const [name, value, least] of [
    ['clients', clients, 1],
    ['attackers', attackers, 0],
    ['trusted', trusted, 0],
    ['rounds', rounds, 1],
  ] as const)
    if (!Number.isSafeInteger(value) || value < least)
      throw new RangeError(`${name} must be a whole number from ${least}, got ${value}`)
  if (attackers >= clients)
    throw new RangeError(`${attackers} attackers among ${clients} clients leave nobody honest`)
}

/** The server between two rounds. */
class SimulatedServer {
  /** As clients have the weights. */
  held: Float32Array
  abandoned = 0
  abandonedFor: string | undefined
  #made: Float32Array
  #version = 0
  #optimiserState: OptimiserState | undefined
  #poisoning: PoisoningState | undefined
  readonly #settings: ServerSettings
  readonly #secret: Uint8Array
  readonly #detector: PoisoningDetector | undefined
  readonly #aggregator
  readonly #optimiser

  constructor(settings: ServerSettings, seed: number) {
    this.#settings = settings
    this.#secret = Uint8Array.from(`simulation ${seed}`, (char) => char.charCodeAt(0))
    this.held = firstWeights(seed)
    this.#made = this.held
    this.#aggregator = aggregatorOf(settings.aggregation, settings.stalenessLimit)
    this.#optimiser = optimiserOf(settings.optimiser)
    this.#detector = settings.poisoning.enabled
      ? new PoisoningDetector({ layers: weightLayers(network) }, randomness(this.#secret, 'poisoning', 0))
      : undefined
  }

  /** Takes a round's frames; @returns the clients whose updates were let through to the rule */
  round(round: number, { clients, trusted }: Frames): Set<number> {
    const { aggregation, stalenessLimit, maxNormRatio, quantisation } = this.#settings
    const updates = [
      ...clients.map((frame, i) => this.#submitted(nameOf(i), frame, round, false)),
      ...trusted.map((frame, i) => this.#submitted(`trusted-${i}`, frame, round, true)),
    ]
    const { judgements, poisoning } = judge(updates, {
      round,
      base: this.#version,
      stalenessLimit,
      largestNorm: maxNormRatio * norm(this.#made),
      detector: this.#detector,
      poisoning: this.#poisoning,
    })
    this.#poisoning = poisoning
    const counted = new Set(judgements.filter(({ state }) => state === 'pending').map(({ id }) => id))
    try {
      const made = combine(
        updates.filter(({ id }) => counted.has(id)),
        {
          settings: aggregation,
          aggregator: this.#aggregator,
          optimiser: this.#optimiser,
          state: this.#optimiserState,
          weights: this.#made,
          base: this.#version,
          stalenessLimit,
          rng: randomness(this.#secret, 'aggregation', round),
        },
      )
      this.held = release(this.held, made.weights, quantisation.down).weights
      this.#made = made.weights
      this.#optimiserState = made.state
      this.#version++
    } catch (error) {
      if (!abandons(error)) throw error
      this.abandoned++
      this.abandonedFor = error.message
    }
    return new Set(clients.flatMap((_, i) => (counted.has(nameOf(i)) ? [i] : [])))
  }

  #submitted(clientId: string, frame: Uint8Array, round: number, trusted: boolean): Submitted {
    const values = decoded(frame, this.held.length)
    const about = { id: clientId, clientId, trusted, round, base: this.#version }
    return { ...about, samples: 1, sampleCap: 1, released: false, values }
  }
}

const nameOf = (client: number): string => `client-${String(client).padStart(6, '0')}`

/** undefined: the door refuses it. */
function decoded(frame: Uint8Array, count: number): Float32Array | undefined {
  try {
    return decodeUpdate(frame, count)
  } catch (error) {
    if (error instanceof UpdateError) return undefined
    throw error
  }
}

/** What the server abandons a round for. */
const abandons = (error: unknown): error is Error =>
  error instanceof AggregationError || error instanceof UpdateError || error instanceof RangeError
