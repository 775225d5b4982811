import type { Transaction } from 'kysely'
import { CommitQueueClosed, CommitQueueFull, type GroupCommit } from './commit.ts'
import { DatabaseUnwritable } from './error.ts'

/** What became of one row. */
export type Outcome<Result> = { readonly value: Result } | { readonly error: Error }

interface Gathering<Row, Result> {
  readonly rows: Row[]
  readonly outcomes: Promise<readonly Outcome<Result>[]>
}

/** Rows that are written together at most. */
const MOST = 500
const MAX_WAITING = 10_000

/**
 * Writes that are asked for one by one and made by few statements: all that come until their transaction is begun. One that cannot be
 * written is refused alone. At most `maxWaiting` wait; the order is that of write(), and that of the first one among other writes of the commit.
 */
export class GatheredWrites<Tables, Row, Result> {
  readonly #commit: Pick<GroupCommit<Tables>, 'write'>
  readonly #write: (
    transaction: Transaction<Tables>,
    rows: readonly Row[],
  ) => Promise<readonly Outcome<Result>[]>
  readonly #most: number
  readonly #maxWaiting: number
  #open: Gathering<Row, Result> | undefined
  #waiting = 0

  /** @param write resolves to an outcome for each row, in order */
  constructor(
    commit: Pick<GroupCommit<Tables>, 'write'>,
    write: (transaction: Transaction<Tables>, rows: readonly Row[]) => Promise<readonly Outcome<Result>[]>,
    { most = MOST, maxWaiting = MAX_WAITING }: { most?: number; maxWaiting?: number } = {},
  ) {
    this.#commit = commit
    this.#write = write
    this.#most = most
    this.#maxWaiting = maxWaiting
  }

  /** Resolves after the commit. */
  async write(row: Row): Promise<Result> {
    if (this.#waiting >= this.#maxWaiting)
      throw new CommitQueueFull(`${this.#maxWaiting} rows wait for the database already`)
    this.#waiting++
    try {
      const { rows, outcomes } = this.#gathering()
      const at = rows.push(row) - 1
      const outcome = (await outcomes)[at]
      if (outcome === undefined) throw new Error('a row was written without an outcome')
      if ('error' in outcome) throw outcome.error
      return outcome.value
    } finally {
      this.#waiting--
    }
  }

  #gathering(): Gathering<Row, Result> {
    if (this.#open !== undefined && this.#open.rows.length < this.#most) return this.#open
    const rows: Row[] = []
    const close = () => {
      if (this.#open?.rows === rows) this.#open = undefined
    }
    const outcomes = this.#commit
      .write((transaction) => {
        close()
        return this.#write(transaction, rows)
      })
      .catch((error: unknown) => {
        close()
        return this.#apart(rows, error)
      })
    this.#open = { rows, outcomes }
    return this.#open
  }

  /** Each by itself, when together they failed for what one of them is. */
  async #apart(rows: readonly Row[], error: unknown): Promise<readonly Outcome<Result>[]> {
    const ofAll =
      error instanceof DatabaseUnwritable ||
      error instanceof CommitQueueClosed ||
      error instanceof CommitQueueFull
    if (ofAll) throw error
    const apart = rows.map((row) => this.#commit.write((transaction) => this.#write(transaction, [row])))
    return (await Promise.allSettled(apart)).flatMap((settled): readonly Outcome<Result>[] =>
      settled.status === 'fulfilled' ? settled.value : [{ error: asError(settled.reason) }],
    )
  }
}

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)))
