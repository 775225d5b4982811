import type { FederatedModel } from '@adf/contract/federation'
import type { AuditLine } from '../audit/chain.ts'
import { DRIVING } from '../round/driving.ts'
import { type Move, moved, opened, type Round } from '../round/round.ts'
import type { NewUpdate, RoundChange, Store } from './store.ts'

export const RUN = 'run-1'
export const model: FederatedModel = {
  stream: 'service',
  features: ['a'],
  network: { kind: 'autoencoder', inputs: 1, hidden: [1] },
  seed: 1,
}
export const RULE = { stalenessLimit: 2, rounds: 100, anyone: false }
export const HASH = 'a'.repeat(64)

const line = (subject: string): AuditLine => ({
  atMs: 1,
  actor: 'server',
  action: 'round.abandoned',
  subject,
  detail: {},
})

/** Enrols clients c1, c2, … of these, with a run that they take part in. */
export async function prepare(
  store: Store,
  count: number,
  trusted: readonly string[] = [],
): Promise<string[]> {
  const run = {
    name: RUN,
    model,
    settings: '{}',
    secret: Uint8Array.of(1),
    weights: Uint8Array.of(0),
    hash: HASH,
  }
  await store.runs.ensure(run, 1)
  const ids = Array.from({ length: count }, (_, i) => `c${i + 1}`)
  for (const id of ids) await enrol(store, id, trusted.includes(id))
  return ids
}

export async function enrol(store: Store, id: string, trusted = false): Promise<void> {
  const invitation = {
    id: `i-${id}`,
    tokenHash: `t-${id}`,
    name: undefined,
    sampleCap: 100,
    trusted,
    expiresMs: 1000,
  }
  await store.clients.invite(invitation, 'operator:x', 1)
  await store.clients.enrol({ id, tokenHash: `t-${id}`, name: `site-${id}`, publicKey: `key-${id}` }, 100, 2)
  await store.presence.came(id, [{ run: RUN, version: 0 }], 3, 1000)
}

export const update = (clientId: string, round: number, more: Partial<NewUpdate> = {}): NewUpdate => ({
  id: `u-${clientId}-${round}`,
  run: RUN,
  round,
  clientId,
  base: 0,
  samples: 10,
  loss: 0.5,
  norm: 1,
  hash: HASH,
  body: Uint8Array.of(1, 2, 3),
  ...more,
})

/** Drives rounds by hand. */
export class Driver {
  readonly #store: Store
  fence = 0
  round: Round | undefined

  constructor(store: Store) {
    this.#store = store
  }

  async lead(holder = 'a', nowMs = 0): Promise<this> {
    this.fence = (await this.#store.leases.acquire(DRIVING, holder, nowMs, 1000)) ?? 0
    return this
  }

  async move(move: Exclude<Move, { kind: 'wait' }>, more: Partial<RoundChange> = {}): Promise<void> {
    const from = move.kind === 'open' ? undefined : this.round?.state
    const version = (await this.#store.runs.get(RUN))?.version ?? 0
    const round = move.kind === 'open' ? opened(move.number, version, 5) : moved(this.round!, move, 6)
    await this.#store.rounds.advance({ run: RUN, round, from, audit: [], nowMs: 6, ...more }, this.fence)
    this.round = round
  }

  /** A round that collects from these clients. */
  async collect(number: number, clients: readonly string[]): Promise<void> {
    await this.move({ kind: 'open', number })
    await this.move({ kind: 'select', clients }, { selected: clients })
    await this.move({ kind: 'configure' }, { work: '{"step":1}' })
    await this.move({ kind: 'collect', deadlineMs: 100 })
  }

  async close(): Promise<void> {
    await this.move({ kind: 'close' }, { close: { stalenessLimit: 2 } })
  }

  async judge(judged: Partial<NonNullable<RoundChange['judged']>> = {}): Promise<void> {
    const nothing = { judgements: [], poisoning: undefined, reputations: new Map(), quarantineLimit: 10 }
    await this.move({ kind: 'validate' }, { judged: { ...nothing, ...judged } })
  }

  async commit(more: Partial<NonNullable<RoundChange['committed']>> = {}): Promise<void> {
    const version = this.round!.base + 1
    const bytes = Uint8Array.of(version)
    const committed = {
      ...{ version, hash: String(version).padStart(64, '0'), weights: bytes, delta: bytes },
      ...{
        memory: { weights: bytes, optimiser: bytes },
        used: [],
        leftOut: [],
        loss: 0.4,
        history: 2,
        last: false,
      },
    }
    await this.move(
      { kind: 'aggregate' },
      {
        committed: { ...committed, ...more },
        audit: [{ ...line(`v${version}`), action: 'round.committed' }],
      },
    )
  }
}
