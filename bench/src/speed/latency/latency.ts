import { findServer } from '../../../../test/harness/servers.ts'
import { rowsOfRounds } from '../../results/summary.ts'
import { type Benchmark, Missing, type Row } from '../../suite.ts'
import { measureLatency } from './measure.ts'
import type { LatencySetting } from './setting.ts'

const SIZES = [100, 1000, 3000, 10_000]
/** Of which the way to an alert is measured too: with the default, and without waiting for a second odd vector. */
const ONSETS = { entities: 1000, openAfter: [2, 1] }
const FLAPPING = 100
/** A prime, so that it is another entity each time. */
const ODD_IN = 19
const QUICK: LatencySetting = { entities: 20, seconds: 3, warmUp: 20, flapping: 10, oddIn: 5, openAfter: 1 }

/** How long it takes from the arrival of a vector to what is told of it, and what each entity costs, while all else goes on. */
export const latency: Benchmark = {
  suite: 'speed',
  name: 'latency',
  describe: 'entities at 1 Hz: arrival to publication, onset to alert, stalls, CPU and memory of each',
  run: async ({ quick, progress }) => {
    if (findServer('alertmanager') === undefined) throw new Missing('alertmanager is not installed')
    if (quick) return rowsOf(QUICK, await measureLatency(QUICK))
    const rows: Row[] = []
    for (const entities of sizesOf(process.env['BENCH_ENTITIES'])) {
      const setting = { entities, seconds: 60, warmUp: 300, flapping: FLAPPING, oddIn: ODD_IN }
      const ways = entities === ONSETS.entities ? ONSETS.openAfter.map((openAfter) => ({ openAfter })) : [{}]
      for (const way of ways) {
        const measured = await measureLatency({ ...setting, ...way })
        progress(
          `${entities} entities: p99 at most ${measured['p99_ms']} ms, ${measured['core_pct']?.toFixed(1)} % of a core`,
        )
        rows.push(...rowsOf({ ...setting, ...way }, measured))
      }
    }
    return rows
  },
}

/** BENCH_ENTITIES: these sizes, with commas between, instead of all. */
function sizesOf(asked: string | undefined): readonly number[] {
  const sizes = (asked ?? '').split(',').map(Number)
  return sizes.every((each) => Number.isInteger(each) && each > 0) ? sizes : SIZES
}

/** What is not the default is in the name. */
const caseOf = ({ entities, openAfter }: LatencySetting) =>
  openAfter === 1 ? `latency/${entities}, incident.open_after 1` : `latency/${entities}`

const rowsOf = (setting: LatencySetting, measured: Readonly<Record<string, number>>): Row[] =>
  rowsOfRounds({ suite: 'speed', case: caseOf(setting), subject: 'adf' }, [measured])
