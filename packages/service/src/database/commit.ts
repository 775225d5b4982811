import { randomBytes } from 'node:crypto'
import { setImmediate as breathe } from 'node:timers/promises'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Component } from '../lifecycle/component.ts'
import { DatabaseUnwritable, unwritable } from './error.ts'
import type { Turn } from './postgres/dialect.ts'
import { DatabaseUnavailable, OutcomeUnknown, worthAnotherTry } from './postgres/fault.ts'
import { besideOthers } from './postgres/open.ts'

/** The queue of writes is full: nothing was queued, try again later. */
export class CommitQueueFull extends Error {
  override name = 'CommitQueueFull'
}

/** The database is closing: nothing was queued. */
export class CommitQueueClosed extends Error {
  override name = 'CommitQueueClosed'
}

/** Statements that belong together. May be run twice, the first time undone, so it must do nothing but write. */
export type Write<Tables, T> = (transaction: Transaction<Tables>) => Promise<T>

/** Writes of a transaction run on without a turn of the event loop: after so long others get theirs. */
const HELD_MS = 10

/** More than most writes take: a disk with room for a few rows only is full. */
const TRIAL_BYTES = 65_536

/** Transactions that another one stood in the way of, or whose connection was lost before the commit, are made again so often. */
const TRIES = 3

/** Acknowledged at a time: whoever waited goes on at once, and may read the database before others get their turn. */
const ACKNOWLEDGED_AT_ONCE = 16

async function acknowledge(jobs: readonly { resolve(): void }[]): Promise<void> {
  for (const [i, job] of jobs.entries()) {
    if (i > 0 && i % ACKNOWLEDGED_AT_ONCE === 0) await breathe()
    job.resolve()
  }
}

interface Job<Tables> {
  readonly turn: Turn
  run(transaction: Transaction<Tables>): Promise<void>
  resolve(): void
  reject(error: unknown): void
}

/**
 * Group commit: commits the writes of a turn of the event loop in one transaction, in the order of write(), and gathers them for at most
 * `maxDelayMs` where a commit began so short a while ago, since each costs a disk flush whatever is in it; of one kind of turn in each transaction. The promise of write() resolves after the commit: what was
 * acknowledged is on the disk. A write that throws is undone alone and rejects alone. At most `maxPending` wait.
 *
 * When the disk takes no write, all of the transaction reject with a DatabaseUnwritable, and `fault` is that until a trial
 * write gets through; there is one every `trialEveryMs`. `changed` is told of both, `committed` of how long each transaction took. While a server cannot be reached, what
 * comes is rejected at once. When the connection is lost during a commit, the writes of it wait until the server can be
 * asked whether it was committed, and are made again when it was not: nothing is lost or there twice.
 */
export class GroupCommit<Tables> implements Component {
  readonly name = 'group-commit'
  readonly #db: Readonly<Record<Turn, Kysely<Tables>>>
  readonly #maxDelayMs: number
  readonly #maxPending: number
  readonly #maxBatch: number
  readonly #trialEveryMs: number
  readonly #changed: (fault: DatabaseUnwritable | undefined) => void
  readonly #committed: (seconds: number) => void
  #queue: Job<Tables>[] = []
  /** When the last transaction began, by performance.now(). */
  #begunMs = Number.NEGATIVE_INFINITY
  #working: Promise<void> | undefined
  #closed = false
  #hurry: (() => void) | undefined
  #fault: DatabaseUnwritable | undefined
  #trial: NodeJS.Timeout | undefined
  #wake: (() => void) | undefined

  constructor(
    db: Kysely<Tables>,
    {
      maxDelayMs = 5,
      maxPending = 10_000,
      maxBatch = 1000,
      trialEveryMs = 5000,
      changed = () => {},
      committed = () => {},
    }: {
      maxDelayMs?: number
      maxPending?: number
      maxBatch?: number
      trialEveryMs?: number
      changed?: (fault: DatabaseUnwritable | undefined) => void
      committed?: (seconds: number) => void
    } = {},
  ) {
    this.#db = { alone: db, beside: besideOthers(db) }
    this.#maxDelayMs = maxDelayMs
    this.#maxPending = maxPending
    this.#maxBatch = maxBatch
    this.#trialEveryMs = trialEveryMs
    this.#changed = changed
    this.#committed = committed
  }

  async start(): Promise<void> {}

  /** Commits what is queued; later writes are refused. The database stays open. */
  async stop(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#trial)
    this.#hurry?.()
    this.#wake?.()
    await this.#working
  }

  get pending(): number {
    return this.#queue.length
  }

  /** Why nothing can be written now. */
  get fault(): DatabaseUnwritable | undefined {
    return this.#fault
  }

  /** @param turn `beside` others when nothing that is written is read or written by other processes but in turns alone */
  write<T>(write: Write<Tables, T>, turn: Turn = 'alone'): Promise<T> {
    if (this.#closed) return Promise.reject(new CommitQueueClosed('the database is closing'))
    if (this.#fault?.cause instanceof DatabaseUnavailable) return Promise.reject(this.#fault)
    return this.#enqueue(write, turn)
  }

  #enqueue<T>(write: Write<Tables, T>, turn: Turn = 'alone'): Promise<T> {
    if (this.#queue.length >= this.#maxPending) {
      return Promise.reject(new CommitQueueFull(`${this.#maxPending} writes wait for the database already`))
    }
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    let result: { value: T } | undefined
    this.#queue.push({
      turn,
      run: async (transaction) => {
        result = { value: await write(transaction) }
      },
      resolve: () => {
        if (result !== undefined) resolve(result.value)
      },
      reject,
    })
    this.#working ??= this.#work()
    return promise
  }

  async #work(): Promise<void> {
    await this.#gather()
    while (this.#queue.length > 0) await this.#commit(this.#next())
    this.#working = undefined
  }

  /** The oldest that may be in one transaction. */
  #next(): Job<Tables>[] {
    const turn = this.#queue[0]?.turn
    const other = this.#queue.findIndex((job) => job.turn !== turn)
    return this.#queue.splice(0, Math.min(this.#maxBatch, other < 0 ? this.#queue.length : other))
  }

  #gather(): Promise<void> {
    const restMs = this.#begunMs + this.#maxDelayMs - performance.now()
    if (!(restMs > 0)) return breathe()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, restMs)
      this.#hurry = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  async #commit(batch: Job<Tables>[], tries = TRIES): Promise<void> {
    const begun = performance.now()
    this.#begunMs = begun
    try {
      await this.#dbOf(batch)
        .transaction()
        .execute(async (transaction) => {
          let since = performance.now()
          for (const job of batch) {
            await job.run(transaction)
            if (performance.now() - since < HELD_MS) continue
            await breathe()
            since = performance.now()
          }
        })
      this.#committed((performance.now() - begun) / 1000)
      await acknowledge(batch)
    } catch (error) {
      if (error instanceof OutcomeUnknown) return this.#settle(error, batch, batch, tries)
      if (tries > 1 && worthAnotherTry(error)) return this.#commit(batch, tries - 1)
      const fault = unwritable(error)
      if (fault === undefined) await this.#commitApart(batch)
      else this.#refuse(batch, fault)
    }
  }

  #dbOf(batch: readonly Job<Tables>[]): Kysely<Tables> {
    return this.#db[batch[0]?.turn ?? 'alone']
  }

  /** Waits until it is certain whether `written`, of `batch`, were committed. */
  async #settle(
    unknown: OutcomeUnknown,
    batch: Job<Tables>[],
    written: readonly Job<Tables>[],
    tries: number,
  ): Promise<void> {
    for (;;) {
      try {
        if ((await unknown.settle()) === 'committed') return await acknowledge(written)
        return await this.#commit(batch, tries - 1)
      } catch (error) {
        const fault = unwritable(error) ?? new DatabaseUnwritable('OUTCOME_UNKNOWN', unknown)
        this.#refuse(this.#queue.splice(0), fault)
        if (this.#closed) {
          for (const job of batch) job.reject(new DatabaseUnwritable('OUTCOME_UNKNOWN', unknown))
          return
        }
        await this.#sleep()
      }
    }
  }

  #sleep(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#trialEveryMs).unref()
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /** The slower way, taken when one of the batch failed: each write inside its own savepoint. */
  async #commitApart(batch: Job<Tables>[]): Promise<void> {
    const good: Job<Tables>[] = []
    const bad: { job: Job<Tables>; error: unknown }[] = []
    try {
      await this.#dbOf(batch)
        .transaction()
        .execute(async (transaction) => {
          for (const job of batch) {
            await sql`savepoint one`.execute(transaction)
            try {
              await job.run(transaction)
              good.push(job)
            } catch (error) {
              // The whole transaction may be undone by then, savepoint and all.
              if (unwritable(error) !== undefined || worthAnotherTry(error)) throw error
              bad.push({ job, error })
              await sql`rollback to savepoint one`.execute(transaction)
            }
            await sql`release savepoint one`.execute(transaction)
          }
        })
      for (const job of good) job.resolve()
      for (const { job, error } of bad) job.reject(error)
    } catch (error) {
      if (error instanceof OutcomeUnknown) {
        for (const { job, error } of bad) job.reject(error)
        return this.#settle(error, good, good, TRIES)
      }
      const fault = unwritable(error)
      if (fault !== undefined) return this.#refuse(batch, fault)
      for (const job of batch) job.reject(error)
    }
  }

  #refuse(batch: Job<Tables>[], fault: DatabaseUnwritable): void {
    const first = this.#fault === undefined
    this.#fault = fault
    if (first) {
      this.#changed(fault)
      this.#tryLater()
    }
    for (const job of batch) job.reject(fault)
  }

  #tryLater(): void {
    if (this.#closed) return
    this.#trial = setTimeout(() => void this.#try(), this.#trialEveryMs).unref()
  }

  async #try(): Promise<void> {
    try {
      await this.#enqueue(async (db) => {
        await db.schema.dropTable('adf_trial').ifExists().execute()
        await db.schema.createTable('adf_trial').addColumn('room', 'blob').execute()
        // What no engine compresses.
        await sql`insert into adf_trial values (${randomBytes(TRIAL_BYTES)})`.execute(db)
      })
      // Apart from the write before: pages that are freed in the transaction that took them are never written.
      await this.#enqueue((db) => db.schema.dropTable('adf_trial').execute())
      this.#fault = undefined
      this.#changed(undefined)
    } catch {
      this.#tryLater()
    }
  }
}
