import { randomUUID } from 'node:crypto'
import type { PostgresPlace } from '../place.ts'

/** A schema of its own in the database of the tests. */
export const placeIn = (
  server: { readonly url: string; readonly password: string } | undefined,
  more: Partial<PostgresPlace> = {},
): PostgresPlace => ({
  url: server?.url ?? '',
  password: server?.password,
  schema: `s_${randomUUID().replaceAll('-', '')}`,
  pool_size: 3,
  connect_timeout: 2000,
  statement_timeout: 30_000,
  ...more,
})
