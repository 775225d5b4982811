import { findServer } from '../../../../test/harness/servers.ts'
import { rowsOfRounds } from '../../results/summary.ts'
import { type Benchmark, Missing, type Row } from '../../suite.ts'
import { type LatencySetting, measureLatency } from './measure.ts'

const SIZES = [100, 1000, 3000, 10_000]
/** Of which the way to an alert is measured too. */
const ONSETS = 1000
const ROUNDS = 3
const QUICK: LatencySetting = { entities: 20, seconds: 3, warmUp: 20, onsets: false }

/** How long it takes from the arrival of a vector to what is told of it, and what each entity costs, while all else goes on. */
export const latency: Benchmark = {
  suite: 'speed',
  name: 'latency',
  describe: 'entities at 1 Hz: arrival to publication, onset to alert, stalls, CPU and memory of each',
  run: async ({ quick, progress }) => {
    if (quick) return rowsOf(QUICK, [await measureLatency(QUICK)])
    if (findServer('alertmanager') === undefined) throw new Missing('alertmanager is not installed')
    const rows: Row[] = []
    for (const entities of SIZES) {
      const setting = { entities, seconds: 60, warmUp: 300, onsets: entities === ONSETS }
      const rounds: Record<string, number>[] = []
      for (let round = 1; round <= (setting.onsets ? ROUNDS : 1); round++) {
        const measured = await measureLatency(setting)
        progress(`${entities} entities: ${JSON.stringify(measured)}`)
        rounds.push(measured)
      }
      rows.push(...rowsOf(setting, rounds))
    }
    return rows
  },
}

const rowsOf = ({ entities }: LatencySetting, rounds: readonly Record<string, number>[]): Row[] =>
  rowsOfRounds({ suite: 'speed', case: `latency/${entities}`, subject: 'adf' }, rounds)
