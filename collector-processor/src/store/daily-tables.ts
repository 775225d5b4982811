import { type DailyTable, leastUuid } from '@adf/service'

/** Tables that grow with what is scored, which PostgreSQL keeps in a partition for each day. Ids of anomalies are UUIDs of the moment they were detected in. */
export const dailyTables: readonly DailyTable[] = [
  { table: 'anomalies', key: 'id', least: leastUuid },
  { table: 'scores', key: 'begin_ms', least: (dayMs) => dayMs },
]
