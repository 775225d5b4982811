import { type Kysely, sql, type Transaction } from 'kysely'
import type { Component } from '../lifecycle/component.ts'

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

interface Job<Tables> {
  run(transaction: Transaction<Tables>): Promise<void>
  resolve(): void
  reject(error: unknown): void
}

/**
 * Group commit: gathers writes for at most `maxDelayMs` and commits them in one transaction, in the order of write(),
 * since a commit costs a disk flush whatever is in it. The promise of write() resolves after the commit: what was
 * acknowledged is on the disk. A write that throws is undone alone and rejects alone. At most `maxPending` wait.
 */
export class GroupCommit<Tables> implements Component {
  readonly name = 'group-commit'
  readonly #db: Kysely<Tables>
  readonly #maxDelayMs: number
  readonly #maxPending: number
  readonly #maxBatch: number
  #queue: Job<Tables>[] = []
  #working: Promise<void> | undefined
  #closed = false
  #hurry: (() => void) | undefined

  constructor(
    db: Kysely<Tables>,
    {
      maxDelayMs = 5,
      maxPending = 10_000,
      maxBatch = 1000,
    }: { maxDelayMs?: number; maxPending?: number; maxBatch?: number } = {},
  ) {
    this.#db = db
    this.#maxDelayMs = maxDelayMs
    this.#maxPending = maxPending
    this.#maxBatch = maxBatch
  }

  async start(): Promise<void> {}

  /** Commits what is queued; later writes are refused. The database stays open. */
  async stop(): Promise<void> {
    this.#closed = true
    this.#hurry?.()
    await this.#working
  }

  get pending(): number {
    return this.#queue.length
  }

  write<T>(write: Write<Tables, T>): Promise<T> {
    if (this.#closed) return Promise.reject(new CommitQueueClosed('the database is closing'))
    if (this.#queue.length >= this.#maxPending) {
      return Promise.reject(new CommitQueueFull(`${this.#maxPending} writes wait for the database already`))
    }
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    let result: { value: T } | undefined
    this.#queue.push({
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
    while (this.#queue.length > 0) await this.#commit(this.#queue.splice(0, this.#maxBatch))
    this.#working = undefined
  }

  #gather(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#maxDelayMs)
      this.#hurry = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  async #commit(batch: Job<Tables>[]): Promise<void> {
    try {
      await this.#db.transaction().execute(async (transaction) => {
        for (const job of batch) await job.run(transaction)
      })
      for (const job of batch) job.resolve()
    } catch {
      await this.#commitApart(batch)
    }
  }

  /** The slower way, taken when one of the batch failed: each write inside its own savepoint. */
  async #commitApart(batch: Job<Tables>[]): Promise<void> {
    const good: Job<Tables>[] = []
    const bad: { job: Job<Tables>; error: unknown }[] = []
    try {
      await this.#db.transaction().execute(async (transaction) => {
        for (const job of batch) {
          await sql`savepoint one`.execute(transaction)
          try {
            await job.run(transaction)
            good.push(job)
          } catch (error) {
            bad.push({ job, error })
            await sql`rollback to savepoint one`.execute(transaction)
          }
          await sql`release savepoint one`.execute(transaction)
        }
      })
      for (const job of good) job.resolve()
      for (const { job, error } of bad) job.reject(error)
    } catch (error) {
      for (const job of batch) job.reject(error)
    }
  }
}
