import type { Migration } from 'kysely/migration'
import { incidents } from './0001-incidents.ts'
import { graphs } from './0002-graphs.ts'
import { incidentHistory } from './0003-incident-history.ts'
import { slo } from './0004-slo.ts'
import { thresholds } from './0005-thresholds.ts'
import { verdictLog } from './0006-verdict-log.ts'
import { scores } from './0007-scores.ts'
import { followers } from './0008-followers.ts'
import { shards } from './0009-shards.ts'
import { shardState } from './0010-shard-state.ts'

/** In order; one that was released is never changed, moved or removed. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-incidents': incidents,
  '0002-graphs': graphs,
  '0003-incident-history': incidentHistory,
  '0004-slo': slo,
  '0005-thresholds': thresholds,
  '0006-verdict-log': verdictLog,
  '0007-scores': scores,
  '0008-followers': followers,
  '0009-shards': shards,
  '0010-shard-state': shardState,
}
