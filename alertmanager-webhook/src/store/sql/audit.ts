import { AuditEntry } from '@adf/contract/feedback'
import type { AuditLine, AuditLog, Page } from '../store.ts'
import { type Context, instant, note, pageOf } from './context.ts'

export class SqlAudit implements AuditLog {
  readonly #context: Context

  constructor(context: Context) {
    this.#context = context
  }

  async note(lines: readonly AuditLine[]): Promise<void> {
    await this.#context.commit.write((db) => note(db, lines))
  }

  async page({ fromMs, toMs, limit, cursor }: Parameters<AuditLog['page']>[0]): Promise<Page<AuditEntry>> {
    let query = this.#context.db.selectFrom('audit').selectAll()
    if (fromMs !== undefined) query = query.where('at_ms', '>=', fromMs)
    if (toMs !== undefined) query = query.where('at_ms', '<', toMs)
    if (cursor !== undefined)
      query = query.where('sequence', '<', /^\d{1,15}$/.test(cursor) ? Number(cursor) : 0)
    const rows = await query
      .orderBy('sequence', 'desc')
      .limit(limit + 1)
      .execute()
    return pageOf(
      rows,
      limit,
      ({ sequence }) => String(sequence),
      ({ at_ms, sequence, detail, ...same }) => ({
        ...same,
        sequence: Number(sequence),
        at: instant(at_ms),
        detail: AuditEntry.shape.detail.parse(JSON.parse(detail)),
      }),
    )
  }
}
