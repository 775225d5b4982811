import { Threshold } from '@adf/contract'
import type { Selectable } from 'kysely'
import type { Tables } from '../schema.ts'

/** @throws when the row is damaged */
export function thresholdOf(row: Selectable<Tables['thresholds']>): Threshold {
  return Threshold.parse({
    stream: row.stream,
    entity_id: row.entity_id,
    value: row.value,
    source: row.source,
    version: Number(row.version),
    reason: row.reason,
    updated_at: new Date(Number(row.updated_ms)).toISOString(),
    updated_by: row.updated_by,
  })
}
