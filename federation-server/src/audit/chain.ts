import { createHash } from 'node:crypto'
import type { AuditEntry, AuditVerification } from '@adf/contract/federation'

/** What is written down of one event; `detail` holds no secret and nothing of clients' data. */
export interface AuditLine {
  readonly atMs: number
  /** A client, `operator:TOKEN`, or `server`. */
  readonly actor: string
  readonly action: AuditAction
  readonly subject: string
  readonly detail: Readonly<Record<string, string | number | boolean | null>>
}

type AuditAction =
  | 'client.enrolled'
  | 'client.key_changed'
  | 'client.revoked'
  | 'invitation.made'
  | 'run.created'
  | 'run.changed'
  | 'run.state_changed'
  | 'round.committed'
  | 'round.abandoned'
  | 'secure.conflicting'
  | 'update.quarantined'
  | 'update.released'
  | 'update.rejected'
  | 'update.conflicting'

/** `previous` of the first line. */
export const GENESIS = '0'.repeat(64)

/** The line that follows another, or the first one. */
export function chained(
  line: AuditLine,
  last: Pick<AuditEntry, 'sequence' | 'hash'> | undefined,
): AuditEntry {
  const unhashed = {
    sequence: (last?.sequence ?? 0) + 1,
    at: new Date(line.atMs).toISOString(),
    actor: line.actor,
    action: line.action,
    subject: line.subject,
    detail: line.detail,
    previous: last?.hash ?? GENESIS,
  }
  return { ...unhashed, hash: hashOf(unhashed) }
}

/** SHA-256 of the fields as a JSON array in this order; members of `detail` sorted by name (docs/formats/audit.md). */
function hashOf(entry: Omit<AuditEntry, 'hash'>): string {
  const { sequence, at, actor, action, subject, detail, previous } = entry
  const members = Object.entries(detail).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  const text = JSON.stringify([previous, sequence, at, actor, action, subject, members])
  return createHash('sha256').update(text).digest('hex')
}

/** Follows the chain from its first line; stops at the first that does not fit. */
export async function verifyChain(
  entries: AsyncIterable<AuditEntry> | Iterable<AuditEntry>,
): Promise<AuditVerification> {
  let last: Pick<AuditEntry, 'sequence' | 'hash'> = { sequence: 0, hash: GENESIS }
  for await (const entry of entries) {
    const reason = faultOf(entry, last)
    if (reason !== undefined)
      return { sound: false, entries: last.sequence, head: last.hash, broken_at: last.sequence + 1, reason }
    last = entry
  }
  return { sound: true, entries: last.sequence, head: last.hash, broken_at: null, reason: null }
}

function faultOf(entry: AuditEntry, last: Pick<AuditEntry, 'sequence' | 'hash'>): string | undefined {
  if (entry.sequence !== last.sequence + 1)
    return `line ${last.sequence + 1} is missing: the next one is ${entry.sequence}`
  if (entry.previous !== last.hash)
    return 'it does not follow the line before it, which was changed or taken out'
  return entry.hash === hashOf(entry) ? undefined : 'its hash is not that of its contents: it was changed'
}
