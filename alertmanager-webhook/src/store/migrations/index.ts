import type { Migration } from 'kysely/migration'
import { alerts } from './0001-alerts.ts'
import { words } from './0002-words.ts'
import { tuner } from './0003-tuner.ts'

/** In order; one that was released is never changed, moved or removed. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-alerts': alerts,
  '0002-words': words,
  '0003-tuner': tuner,
}
