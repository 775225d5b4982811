import {
  type Claim,
  claimDatabase,
  type DatabaseUnwritable,
  GroupCommit,
  migrate,
  openDatabase,
} from '@adf/service'
import { migrations } from './migrations/index.ts'
import type { Tables } from './schema.ts'
import { SqlAlertLog } from './sql/alert-log.ts'
import { SqlAnomalies } from './sql/anomalies.ts'
import { SqlDetectorState } from './sql/detector-state.ts'
import { SqlGraphs } from './sql/graphs.ts'
import { SqlIncidentHistory } from './sql/incident-history.ts'
import { SqlIncidents } from './sql/incidents.ts'
import { SqlOutbox } from './sql/outbox.ts'
import { SqlRetention } from './sql/retention.ts'
import { RowReader, type UnreadableRow } from './sql/rows.ts'
import { SqlScores } from './sql/scores.ts'
import { SqlSlo } from './sql/slo.ts'
import { SqlThresholds } from './sql/thresholds.ts'
import { SqlVerdicts } from './sql/verdicts.ts'
import type { Store } from './store.ts'

const MOST_THRESHOLDS = 100_000

/** Opens the store in an SQLite file (or `:memory:`) and brings its schema up to date. Rejects with a DatabaseError. */
export async function openSqliteStore({
  path,
  clock,
  mostThresholds = MOST_THRESHOLDS,
  claim = false,
  unreadable = () => {},
  writable = () => {},
}: {
  path: string
  clock: () => number
  /** That differ from the initial one; further ones are refused. */
  mostThresholds?: number
  /** For whoever goes on with what is in the store, such as its open incidents: one process at a time. */
  claim?: boolean
  /** Told of each row that could not be read, each time. */
  unreadable?: (row: UnreadableRow) => void
  /** Told when nothing can be written, and of undefined when something can again. */
  writable?: (fault: DatabaseUnwritable | undefined) => void
}): Promise<Store> {
  const db = await openDatabase<Tables>({ path })
  let claimed: Claim | undefined
  try {
    if (claim) claimed = await claimDatabase(path)
    await migrate(db, migrations)
  } catch (error) {
    await db.destroy()
    await claimed?.release()
    throw error
  }
  const commit = new GroupCommit(db, { changed: writable })
  const rows = new RowReader(unreadable)
  let closing: Promise<void> | undefined
  const close = async () => {
    await commit.stop()
    await db.destroy()
    await claimed?.release()
  }
  return {
    anomalies: new SqlAnomalies(db, commit, rows, clock),
    incidents: new SqlIncidents(db, commit, rows),
    incidentHistory: new SqlIncidentHistory(db, commit, rows),
    verdicts: new SqlVerdicts(db, commit, rows),
    thresholds: new SqlThresholds(db, commit, rows, mostThresholds),
    scores: new SqlScores(db, commit, rows),
    detectorState: new SqlDetectorState(db, commit, clock),
    alertLog: new SqlAlertLog(db, commit, rows),
    outbox: new SqlOutbox(db, commit, rows),
    graphs: new SqlGraphs(db, commit),
    slo: new SqlSlo(db, commit),
    retention: new SqlRetention(commit),
    fault: () => commit.fault?.message,
    close: () => (closing ??= close()),
  }
}
