import type { AuditEntry, AuditVerification } from '@adf/contract/federation'
import type { Selectable } from 'kysely'
import { verifyChain } from '../../audit/chain.ts'
import type { Tables } from '../schema.ts'
import type { AuditLog, Page } from '../store.ts'
import { type Context, instant, numberOf, pageOf } from './context.ts'

/** Lines that are read at a time when the whole log is. */
const PIECE = 1000
/** Of a Date: a time beyond it was not written by a server, and fails its hash. */
const LATEST = 8.64e15

export class SqlAudit implements AuditLog {
  readonly #context: Pick<Context, 'db'>

  constructor(context: Pick<Context, 'db'>) {
    this.#context = context
  }

  async page(filter: {
    fromMs?: number | undefined
    toMs?: number | undefined
    limit: number
    cursor?: string | undefined
  }): Promise<Page<AuditEntry>> {
    const { fromMs, toMs, limit, cursor } = filter
    let query = this.#context.db.selectFrom('audit').selectAll()
    if (fromMs !== undefined) query = query.where('at_ms', '>=', fromMs)
    if (toMs !== undefined) query = query.where('at_ms', '<', toMs)
    if (cursor !== undefined) query = query.where('sequence', '<', numberOf(cursor))
    const rows = await query
      .orderBy('sequence', 'desc')
      .limit(limit + 1)
      .execute()
    return pageOf(rows, limit, ({ sequence }) => String(sequence), toEntry)
  }

  verify(): Promise<AuditVerification> {
    return verifyChain(this.#all())
  }

  async *#all(): AsyncGenerator<AuditEntry> {
    for (let after = 0; ; ) {
      const rows = await this.#context.db
        .selectFrom('audit')
        .selectAll()
        .where('sequence', '>', after)
        .orderBy('sequence')
        .limit(PIECE)
        .execute()
      const last = rows.at(-1)
      if (last === undefined) return
      yield* rows.map(toEntry)
      after = Number(last.sequence)
    }
  }
}

function toEntry(row: Selectable<Tables['audit']>): AuditEntry {
  const { at_ms, detail, sequence, ...same } = row
  const atMs = Math.min(Number(at_ms), LATEST)
  return { ...same, sequence: Number(sequence), at: instant(atMs), detail: detailOf(detail) }
}

/** A detail that was made unreadable fails its hash. */
function detailOf(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : { unreadable: text }
  } catch {
    return { unreadable: text }
  }
}
