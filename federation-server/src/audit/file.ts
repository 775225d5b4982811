import { access } from 'node:fs/promises'
import type { AuditVerification } from '@adf/contract/federation'
import { DatabaseError } from '@adf/service'
import { openSqliteStore } from '../store/sqlite.ts'

/** Verifies the audit log of a database that no server needs to have open. Rejects with a DatabaseError when there is none. */
export async function verifyAuditFile(path: string): Promise<AuditVerification> {
  await access(path).catch((cause: unknown) => {
    throw new DatabaseError(`there is no database ${path}`, { cause })
  })
  const store = await openSqliteStore({ path })
  try {
    return await store.audit.verify()
  } finally {
    await store.close()
  }
}
