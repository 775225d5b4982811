import { createHash } from 'node:crypto'
import type { AuditLine } from '../audit/chain.ts'
import type { FederationMetrics } from '../metrics.ts'
import { decide } from '../round/decide.ts'
import { randomness } from '../round/randomness.ts'
import { bytesOf, type Reading } from '../round/reading.ts'
import { type Move, moved, opened, type Round } from '../round/round.ts'
import { countsTrusted, optimiserOf } from '../round/rule-of.ts'
import type { RunSettings } from '../round/settings.ts'
import type { Submitted } from '../round/submitted.ts'
import type { RoundChange, RoundUpdate, Store } from '../store/store.ts'
import type { ComputingThread } from '../thread/computing-thread.ts'
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
  /** Judges and combines. */
  readonly thread: Pick<ComputingThread, 'read' | 'judge' | 'combine'>
  /** Updates that are remembered at most, in bytes. */
  readonly rememberedBytes: number
}

type Change = Omit<RoundChange, 'run' | 'nowMs' | 'audit'> & { readonly audit?: readonly AuditLine[] }

/**
 * Takes one run from move to move. What a move is follows from the database alone, and each is written before the next: a server
 * that is killed anywhere goes on from there, to the same bits.
 */
export class RunDriver {
  readonly name: string
  readonly #options: RunDriverOptions
  readonly #secure: SecureMoves
  /** Updates by id, until the round ends: what was read at the door is what is judged and combined. */
  #readings = new Map<string, Reading>()
  #bytes = 0

  constructor(options: RunDriverOptions) {
    this.name = options.name
    this.#options = options
    this.#secure = new SecureMoves({ ...options, optimiser: optimiserOf(options.settings.optimiser) })
  }

  /** Remembers what was read at the door, as far as there is room: whatever is not here is read again. */
  remember(updateId: string, reading: Reading): void {
    const bytes = bytesOf(reading)
    if (this.#bytes + bytes > this.#options.rememberedBytes) return
    this.#readings.set(updateId, reading)
    this.#bytes += bytes
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
    if (change.round.closedMs !== undefined) this.#forget()
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
    const { settings, clock, store, thread } = this.#options
    const updates = await this.#updates(await store.updates.of(this.name, round.number))
    const memory = await this.#memory()
    const judged = await thread.judge(this.name, { round: round.number, base: round.base, memory, updates })
    const actor = 'server'
    const held = judged.judgements.filter(({ state }) => state === 'quarantined')
    return {
      judged: { ...judged, quarantineLimit: settings.poisoning.quarantineLimit },
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
    const { store, settings, clock, thread } = this.#options
    const { number, base } = round
    const held = (await store.runs.version(this.name, base))?.weights
    if (held === undefined) throw new Error(`${this.name}: version ${base} has no weights`)
    const stored = await store.updates.of(this.name, number)
    const updates = await this.#updates(stored)
    const memory = await this.#memory()
    const made = await thread.combine(this.name, { round: number, base, memory, held, updates })
    if (made.kind === 'impossible') return this.#abandoned(round, made.reason)
    const { weights, delta, hash } = made.released
    const next = moved(round, { kind: 'aggregate' }, clock())
    const leftOut = made.leftOut.flatMap(({ clientId, reason }) =>
      updates.filter((update) => update.clientId === clientId).map(({ id }) => ({ id, reason })),
    )
    const gone = new Set(leftOut.map(({ id }) => id))
    const used = updates
      .filter(({ id, trusted }) => !gone.has(id) && (!trusted || countsTrusted(settings.aggregation)))
      .map(({ id }) => id)
    const version = base + 1
    return {
      from: round.state,
      round: next,
      committed: {
        ...{ version, hash, weights, delta, used, leftOut, last },
        memory: { weights: made.weights, optimiser: made.optimiser },
        loss: meanLoss(stored),
        history: settings.history,
      },
      audit: [
        this.#line('round.committed', round, {
          version,
          hash,
          aggregated: made.hash,
          updates: createHash('sha256').update(used.join('\n')).digest('hex'),
          used: used.length,
          left_out: leftOut.length,
          faulty: made.faulty,
        }),
      ],
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

  /** What was read of each; who was not remembered is read again, one at a time. */
  async #updates(stored: readonly RoundUpdate[]): Promise<Submitted[]> {
    const updates: Submitted[] = []
    for (const update of stored)
      updates.push({ ...update, values: undefined, ...(await this.#reading(update.id)) })
    return updates
  }

  /** undefined: it was sound at the door, so what cannot be read now was damaged since. */
  async #reading(id: string): Promise<Reading | undefined> {
    const { store, thread } = this.#options
    const remembered = this.#readings.get(id)
    if (remembered !== undefined) return remembered
    const body = await store.updates.body(id)
    if (body === undefined) return undefined
    const reading = await thread.read(this.name, body)
    if ('kind' in reading) return undefined
    this.remember(id, reading)
    return reading
  }

  #forget(): void {
    this.#readings = new Map()
    this.#bytes = 0
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
