import { createHash } from 'node:crypto'
import { setImmediate as breathe } from 'node:timers/promises'
import { weightCount, weightLayers } from '@adf/detectors'
import { decodeUpdate, UpdateError } from '@adf/detectors/update'
import { weightBytes, weightsOf } from '@adf/federation/weights'
import { AggregationError } from '../aggregate/aggregation-error.ts'
import type { Aggregator } from '../aggregate/aggregator.ts'
import type { ServerOptimiser } from '../aggregate/optimiser/server-optimiser.ts'
import type { AuditLine } from '../audit/chain.ts'
import type { FederationMetrics } from '../metrics.ts'
import { PoisoningDetector } from '../poisoning/poisoning-detector.ts'
import { combine } from '../round/combine.ts'
import { decide } from '../round/decide.ts'
import { judge } from '../round/judge.ts'
import { randomness } from '../round/randomness.ts'
import { release } from '../round/release.ts'
import { type Move, moved, opened, type Round } from '../round/round.ts'
import { aggregatorOf, optimiserOf } from '../round/rules.ts'
import type { RunSettings } from '../round/settings.ts'
import { decodeOptimiser, decodePoisoning, encodeOptimiser, encodePoisoning } from '../round/state-codec.ts'
import type { Submitted } from '../round/submitted.ts'
import type { RoundChange, RoundUpdate, Store } from '../store/store.ts'
import { norm } from '../vector/vector.ts'
import { orderOf } from './order.ts'
import { SecureMoves } from './secure/secure-moves.ts'
import type { Steps } from './steps.ts'

export interface RunDriverOptions {
  readonly name: string
  readonly settings: RunSettings
  readonly secret: Uint8Array
  readonly store: Store
  readonly steps: Steps
  readonly metrics: FederationMetrics
  readonly clock: () => number
  /** Decoded updates that are remembered at most, in bytes. */
  readonly decodedBytes: number
}

/** Decoded at a time, before requests get their turn. */
const DECODED_AT_ONCE = 16

type Change = Omit<RoundChange, 'run' | 'nowMs' | 'audit'> & { readonly audit?: readonly AuditLine[] }

/**
 * Takes one run from move to move. What a move is follows from the database alone, and each is written before the next: a server
 * that is killed anywhere goes on from there, to the same bits.
 */
export class RunDriver {
  readonly name: string
  readonly #options: RunDriverOptions
  readonly #count: number
  readonly #aggregator: Aggregator
  readonly #optimiser: ServerOptimiser
  readonly #detector: PoisoningDetector | undefined
  readonly #secure: SecureMoves
  /** Updates by id, until the round ends: what was read at the door is what is validated and aggregated. */
  #decoded = new Map<string, Float32Array>()

  constructor(options: RunDriverOptions) {
    const { name, settings, secret } = options
    this.name = name
    this.#options = options
    this.#count = weightCount(settings.model.network)
    this.#aggregator = aggregatorOf(settings.aggregation, settings.stalenessLimit)
    this.#optimiser = optimiserOf(settings.optimiser)
    this.#secure = new SecureMoves({ ...options, optimiser: this.#optimiser })
    this.#detector = settings.poisoning.enabled
      ? new PoisoningDetector(
          { layers: weightLayers(settings.model.network) },
          randomness(secret, 'poisoning', 0),
        )
      : undefined
  }

  get aggregator(): string {
    return this.#aggregator.name
  }

  /** Remembers what was read at the door, as far as there is room: whatever is not here is decoded again. */
  remember(updateId: string, values: Float32Array): void {
    const room = this.#options.decodedBytes / (4 * this.#count)
    if (this.#decoded.size < room) this.#decoded.set(updateId, values)
  }

  /** Makes moves as long as there are any; resolves to what must come before the next. */
  async drive(fence: number): Promise<Extract<Move, { kind: 'wait' }>> {
    const { store, settings, clock, secret } = this.#options
    for (;;) {
      const nowMs = clock()
      const found = await store.rounds.situation({
        run: this.name,
        presentSinceMs: nowMs - settings.presenceMs,
        stalenessLimit: settings.stalenessLimit,
      })
      if (found === undefined) throw new Error(`run ${this.name} is not in the database`)
      // Nobody could measure masked updates by those of trusted clients.
      const present = settings.secureAggregation
        ? found.present.filter(({ trusted }) => !trusted)
        : found.present
      const situation = { ...found, present }
      const { round } = situation
      const rng = randomness(secret, 'selection', round?.number ?? 0)
      const move = decide(situation, settings, nowMs, rng)
      if (move.kind === 'wait') return move
      await this.#make(move, round, situation.committed, fence)
    }
  }

  async #make(
    move: Exclude<Move, { kind: 'wait' }>,
    round: Round | undefined,
    committed: number,
    fence: number,
  ): Promise<void> {
    const { store, steps, clock, metrics } = this.#options
    const begun = performance.now()
    const change = await this.#changeOf(move, round, committed)
    steps.before(move.kind)
    await store.rounds.advance({ run: this.name, nowMs: clock(), audit: [], ...change }, fence)
    steps.after(move.kind)
    this.#counted(change, begun)
    if (change.round.closedMs !== undefined) this.#decoded = new Map()
    if (change.round.state === 'COMMITTED') metrics.completed.inc({ run: this.name })
    if (change.round.state === 'ABANDONED') metrics.abandoned.inc({ run: this.name })
  }

  #counted({ round, judged, committed }: Change, begun: number): void {
    const { metrics } = this.#options
    const run = this.name
    for (const { state, reason = state } of judged?.judgements ?? [])
      if (state !== 'pending') metrics.rejected.inc({ reason: state === 'quarantined' ? state : reason })
    for (const { reason } of committed?.leftOut ?? []) metrics.rejected.inc({ reason })
    if (judged !== undefined || committed !== undefined)
      metrics.aggregation.observe({ run }, (performance.now() - begun) / 1000)
    if (round.closedMs !== undefined)
      metrics.duration.observe({ run }, Math.max(0, round.closedMs - round.openedMs) / 1000)
  }

  async #changeOf(
    move: Exclude<Move, { kind: 'wait' }>,
    round: Round | undefined,
    committed: number,
  ): Promise<Change> {
    const { store, settings, clock } = this.#options
    const nowMs = clock()
    if (move.kind === 'open') {
      const version = (await store.runs.get(this.name))?.version ?? 0
      return { from: undefined, round: opened(move.number, version, nowMs) }
    }
    if (round === undefined) throw new Error(`${this.name}: no round to ${move.kind}`)
    const next = { from: round.state, round: moved(round, move, nowMs) }
    const secure =
      move.kind === 'abandon'
        ? undefined
        : await this.#secure.changeOf(move, round, committed + 1 >= settings.rounds)
    if (secure !== undefined)
      return 'abandon' in secure ? this.#abandoned(round, secure.abandon) : { ...next, ...secure }
    switch (move.kind) {
      case 'select':
        return { ...next, selected: move.clients }
      case 'configure':
        return { ...next, work: JSON.stringify(orderOf(settings, round.number, false)) }
      case 'close':
        return { ...next, close: { stalenessLimit: settings.stalenessLimit } }
      case 'validate':
        return { ...next, ...(await this.#validated(round)) }
      case 'aggregate':
        return this.#aggregated(round, committed + 1 >= settings.rounds)
      case 'abandon':
        return this.#abandoned(round, move.reason)
      default:
        return next
    }
  }

  async #validated(round: Round): Promise<Pick<Change, 'judged' | 'audit'>> {
    const { settings, clock } = this.#options
    const memory = await this.#memory()
    const updates = await this.#updates(round)
    const { judgements, poisoning, reputations } = judge(updates, {
      round: round.number,
      base: round.base,
      stalenessLimit: settings.stalenessLimit,
      largestNorm: settings.maxNormRatio * norm(weightsOf(memory.weights, this.#count)),
      detector: this.#detector,
      poisoning: memory.poisoning === undefined ? undefined : decodePoisoning(memory.poisoning),
    })
    const actor = 'server'
    const held = judgements.filter(({ state }) => state === 'quarantined')
    return {
      judged: {
        judgements,
        poisoning: poisoning && encodePoisoning(poisoning),
        reputations,
        quarantineLimit: settings.poisoning.quarantineLimit,
      },
      audit: held.map(({ id, clientId, reason = '' }) => ({
        atMs: clock(),
        actor,
        action: 'update.quarantined',
        subject: id,
        detail: { client: clientId, run: this.name, round: round.number, reason },
      })),
    }
  }

  async #aggregated(round: Round, last: boolean): Promise<Change> {
    const { store, settings, secret, clock } = this.#options
    const memory = await this.#memory()
    const stored = await store.updates.of(this.name, round.number)
    const updates = await this.#updates(round, stored)
    const held = (await store.runs.version(this.name, round.base))?.weights
    if (held === undefined) throw new Error(`${this.name}: version ${round.base} has no weights`)
    try {
      const made = combine(updates, {
        settings: settings.aggregation,
        aggregator: this.#aggregator,
        optimiser: this.#optimiser,
        state: memory.optimiser === undefined ? undefined : decodeOptimiser(memory.optimiser, this.#count),
        weights: weightsOf(memory.weights, this.#count),
        base: round.base,
        stalenessLimit: settings.stalenessLimit,
        rng: randomness(secret, 'aggregation', round.number),
      })
      const released = release(weightsOf(held, this.#count), made.weights, settings.quantisation.down)
      const next = moved(round, { kind: 'aggregate' }, clock())
      const leftOut = made.leftOut.flatMap(({ clientId, reason }) =>
        updates.filter((update) => update.clientId === clientId).map(({ id }) => ({ id, reason })),
      )
      const gone = new Set(leftOut.map(({ id }) => id))
      const used = updates.filter(({ id, trusted }) => !trusted && !gone.has(id)).map(({ id }) => id)
      const version = round.base + 1
      return {
        from: round.state,
        round: next,
        committed: {
          version,
          hash: released.hash,
          weights: weightBytes(released.weights),
          delta: released.delta,
          memory: { weights: weightBytes(made.weights), optimiser: encodeOptimiser(made.state) },
          used,
          leftOut,
          loss: meanLoss(stored),
          history: settings.history,
          last,
        },
        audit: [
          this.#line('round.committed', round, {
            version,
            hash: released.hash,
            aggregated: createHash('sha256').update(weightBytes(made.weights)).digest('hex'),
            updates: createHash('sha256').update(used.join('\n')).digest('hex'),
            used: used.length,
            left_out: leftOut.length,
            faulty: made.faulty,
          }),
        ],
      }
    } catch (error) {
      if (error instanceof AggregationError || error instanceof UpdateError || error instanceof RangeError)
        return this.#abandoned(round, error.message)
      throw error
    }
  }

  #abandoned(round: Round, reason: string): Change {
    return {
      from: round.state,
      round: moved(round, { kind: 'abandon', reason }, this.#options.clock()),
      audit: [this.#line('round.abandoned', round, { base: round.base, reason })],
    }
  }

  #line(action: AuditLine['action'], round: Round, detail: AuditLine['detail']): AuditLine {
    return {
      atMs: this.#options.clock(),
      actor: 'server',
      action,
      subject: `${this.name}/${round.number}`,
      detail,
    }
  }

  async #memory() {
    const memory = await this.#options.store.runs.memory(this.name)
    if (memory === undefined) throw new Error(`run ${this.name} has no weights in the database`)
    return memory
  }

  async #updates(round: Round, stored?: readonly RoundUpdate[]): Promise<Submitted[]> {
    const rows = stored ?? (await this.#options.store.updates.of(this.name, round.number))
    const updates: Submitted[] = []
    for (const [i, { body, ...update }] of rows.entries()) {
      if (i % DECODED_AT_ONCE === DECODED_AT_ONCE - 1) await breathe()
      const values = this.#decoded.get(update.id) ?? decoded(body, this.#count)
      if (values !== undefined) this.remember(update.id, values)
      updates.push({ ...update, values })
    }
    return updates
  }
}

/** It was sound at the door: what cannot be read now was damaged since. */
function decoded(body: Uint8Array | undefined, count: number): Float32Array | undefined {
  if (body === undefined) return undefined
  try {
    return decodeUpdate(body, count)
  } catch (error) {
    if (error instanceof UpdateError) return undefined
    throw error
  }
}

/** Weighted by samples, up to each client's cap; undefined when nobody said. */
function meanLoss(updates: readonly RoundUpdate[]): number | undefined {
  let sum = 0
  let weights = 0
  for (const { loss, samples, sampleCap } of updates) {
    if (loss === undefined) continue
    const weight = Math.min(samples, sampleCap)
    sum += weight * loss
    weights += weight
  }
  return weights > 0 && Number.isFinite(sum) ? sum / weights : undefined
}
