import { z } from 'zod'
import { Instant } from '../scalar.ts'
import { Sha256 } from './scalar.ts'

/** One line of the audit log. `hash` is over the line before's hash and all other fields, so that no line can be changed or taken out unseen. */
export const AuditEntry = z
  .strictObject({
    sequence: z.int().min(1),
    at: Instant,
    actor: z.string().meta({ description: 'a client, an operator token, or `server`' }),
    action: z.string().meta({ example: 'round.committed' }),
    subject: z.string(),
    detail: z.record(z.string(), z.unknown()),
    previous: Sha256,
    hash: Sha256,
  })
  .meta({ id: 'AuditEntry' })
export type AuditEntry = z.infer<typeof AuditEntry>

export const AuditPage = z
  .strictObject({ items: z.array(AuditEntry), next_cursor: z.string().nullable() })
  .meta({ id: 'AuditPage' })

export const AuditVerification = z
  .strictObject({
    sound: z.boolean(),
    entries: z.int().min(0),
    head: Sha256.meta({ description: 'of the last line: note it elsewhere, and a shortened log shows too' }),
    broken_at: z.int().min(1).nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'AuditVerification' })
export type AuditVerification = z.infer<typeof AuditVerification>
