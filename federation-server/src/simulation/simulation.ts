import { seeded } from '@adf/detectors'
import { UpdateError } from '@adf/detectors/update'
import { weightBytes, weightsOf } from '@adf/federation/weights'
import type { Reading } from '../round/reading.ts'
import { type ComputedSettings, type Memory, RunComputation } from '../round/run-computation.ts'
import { stepUp } from '../round/settings.ts'
import type { Submitted } from '../round/submitted.ts'
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
  /** Further sites that are trusted: with `fl_trust` the mean of their updates is the root, with other rules they count like others. */
  readonly trusted: number
  readonly settings: ServerSettings
}

/** What decides on the server. */
export type ServerSettings = Omit<ComputedSettings, 'model'>

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
  #version = 0
  #memory: Memory
  readonly #run: RunComputation

  constructor(settings: ServerSettings, seed: number) {
    const secret = Uint8Array.from(`simulation ${seed}`, (char) => char.charCodeAt(0))
    this.#run = new RunComputation({ ...settings, model: { network } }, secret)
    this.held = firstWeights(seed)
    this.#memory = { weights: weightBytes(this.held), optimiser: undefined, poisoning: undefined }
  }

  /** Takes a round's frames; @returns the clients whose updates were let through to the rule */
  round(round: number, { clients, trusted }: Frames): Set<number> {
    const updates = [
      ...clients.map((frame, i) => this.#submitted(nameOf(i), frame, round, false)),
      ...trusted.map((frame, i) => this.#submitted(`trusted-${i}`, frame, round, true)),
    ]
    const begun = { round, base: this.#version, memory: this.#memory }
    const { judgements, poisoning } = this.#run.judge({ ...begun, updates })
    const counted = new Set(judgements.filter(({ state }) => state === 'pending').map(({ id }) => id))
    const made = this.#run.combine({
      ...begun,
      held: weightBytes(this.held),
      updates: updates.filter(({ id }) => counted.has(id)),
    })
    this.#memory = { ...this.#memory, poisoning }
    if (made.kind === 'made') {
      this.held = weightsOf(made.released.weights, this.held.length)
      this.#memory = { ...this.#memory, weights: made.weights, optimiser: made.optimiser }
      this.#version++
    } else {
      this.abandoned++
      this.abandonedFor = made.reason
    }
    return new Set(clients.flatMap((_, i) => (counted.has(nameOf(i)) ? [i] : [])))
  }

  #submitted(clientId: string, frame: Uint8Array, round: number, trusted: boolean): Submitted {
    const about = { id: clientId, clientId, trusted, round, base: this.#version }
    const counts = { samples: 1, sampleCap: 1, released: false }
    return { ...about, ...counts, values: undefined, ...this.#read(frame) }
  }

  /** undefined: the door refuses it. */
  #read(frame: Uint8Array): Reading | undefined {
    try {
      return this.#run.read(frame)
    } catch (error) {
      if (error instanceof UpdateError) return undefined
      throw error
    }
  }
}

const nameOf = (client: number): string => `client-${String(client).padStart(6, '0')}`
