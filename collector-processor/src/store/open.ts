import {
  type Claim,
  claimOpenDatabase,
  DailyPartitions,
  type DatabasePlace,
  type DatabaseUnwritable,
  GroupCommit,
  migrate,
  openPlace,
  shareOpenDatabase,
} from '@adf/service'
import type { Kysely } from 'kysely'
import { dailyTables } from './daily-tables.ts'
import { migrations } from './migrations/index.ts'
import type { Tables } from './schema.ts'
import { SqlAlertLog } from './sql/alert-log.ts'
import { SqlAnomalies } from './sql/anomalies.ts'
import { SqlDetectorState } from './sql/detector-state.ts'
import { SqlFindings } from './sql/findings.ts'
import { SqlFollowers } from './sql/followers.ts'
import { SqlGraphs } from './sql/graphs.ts'
import { SqlHomes } from './sql/homes.ts'
import { SqlIncidentHistory } from './sql/incident-history.ts'
import { SqlIncidents } from './sql/incidents.ts'
import { SqlOutbox } from './sql/outbox.ts'
import { SqlRetention } from './sql/retention.ts'
import { RowReader, type UnreadableRow } from './sql/rows.ts'
import { SqlScores } from './sql/scores.ts'
import { SqlShardState } from './sql/shard-state.ts'
import { SqlShards } from './sql/shards.ts'
import { SqlSlo } from './sql/slo.ts'
import { SqlThresholds } from './sql/thresholds.ts'
import { SqlVerdicts } from './sql/verdicts.ts'
import type { Store } from './store.ts'

/** What a processor claims, or shares with other members: incidents, their alerts and retention are of one process. */
export const ROLE = 'processor'
/** Of the members, the one that does what is of one process. */
const REDUCER = 'processor/reducer'
const memberRole = (name: string) => `processor/member/${name}`

/** `processor`: alone. `member`: beside others, each by a name of its own. `reducer`: beside members, in the process of one of them. */
type Claiming =
  | { readonly as: 'processor' }
  | { readonly as: 'member'; readonly name: string }
  | { readonly as: 'reducer' }

const MOST_THRESHOLDS = 100_000

export interface StoreOptions {
  readonly clock: () => number
  /** That differ from the initial one; further ones are refused. */
  readonly mostThresholds?: number
  /** For whoever goes on with what is in the store, such as its open incidents: one process at a time. */
  readonly claim?: Claiming
  /** Told when another process took the claim over, while this one was cut off from PostgreSQL. */
  readonly lostClaim?: () => void
  /** Told of each row that could not be read, each time. */
  readonly unreadable?: (row: UnreadableRow) => void
  /** Told when nothing can be written, and of undefined when something can again. */
  readonly writable?: (fault: DatabaseUnwritable | undefined) => void
  /** Told of each transaction that was committed. */
  readonly committed?: (seconds: number) => void
}

/** Opens the store in an SQLite file (or `:memory:`) or in PostgreSQL and brings its schema up to date. Rejects with a DatabaseError. */
export async function openStore({
  place,
  clock,
  mostThresholds = MOST_THRESHOLDS,
  claim,
  lostClaim = () => {},
  unreadable = () => {},
  writable = () => {},
  committed = () => {},
}: StoreOptions & { readonly place: DatabasePlace }): Promise<Store> {
  const db = await openPlace<Tables>(place)
  let claimed: readonly Claim[] = []
  let partitions: DailyPartitions | undefined
  try {
    if (claim !== undefined) claimed = await claimsOf(db, { place, claim, lostClaim })
    await migrate(db, migrations)
    partitions = await DailyPartitions.prepare(db, dailyTables, clock())
  } catch (error) {
    await db.destroy()
    await release(claimed)
    throw error
  }
  const commit = new GroupCommit(db, { changed: writable, committed })
  const rows = new RowReader(unreadable)
  let closing: Promise<void> | undefined
  const close = async () => {
    await commit.stop()
    await db.destroy()
    await release(claimed)
  }
  return {
    anomalies: new SqlAnomalies(db, commit, rows, clock),
    incidents: new SqlIncidents(db, commit, rows),
    incidentHistory: new SqlIncidentHistory(db, commit, rows),
    verdicts: new SqlVerdicts(db, commit, rows),
    thresholds: new SqlThresholds(db, commit, rows, mostThresholds),
    scores: new SqlScores(db, commit, rows, partitions),
    detectorState: new SqlDetectorState(db, commit, clock),
    alertLog: new SqlAlertLog(db, commit, rows),
    outbox: new SqlOutbox(db, commit, rows),
    followers: new SqlFollowers(db, commit),
    shards: new SqlShards(db, commit),
    shardState: new SqlShardState(db, commit),
    homes: new SqlHomes(db, commit),
    findings: new SqlFindings(db, commit, rows),
    graphs: new SqlGraphs(db, commit),
    slo: new SqlSlo(db, commit),
    retention: new SqlRetention(commit, clock, partitions),
    fault: () => commit.fault?.message,
    close: () => (closing ??= close()),
  }
}

async function claimsOf(
  db: Kysely<Tables>,
  { place, claim, lostClaim }: { place: DatabasePlace; claim: Claiming; lostClaim: () => void },
): Promise<readonly Claim[]> {
  if (claim.as === 'processor') return [await claimOpenDatabase(db, { place, role: ROLE, lostClaim })]
  if (claim.as === 'reducer') return [await claimOpenDatabase(db, { place, role: REDUCER, lostClaim })]
  const shared = await shareOpenDatabase(db, { place, role: ROLE })
  try {
    return [shared, await claimOpenDatabase(db, { place, role: memberRole(claim.name), lostClaim })]
  } catch (error) {
    await shared.release()
    throw error
  }
}

const release = (claims: readonly Claim[]) => Promise.all(claims.map((one) => one.release()))
