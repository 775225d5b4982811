import { findServer } from '../../../../test/harness/servers.ts'
import { rowsOfRounds } from '../../results/summary.ts'
import { type Benchmark, Missing, type Row } from '../../suite.ts'
import { measureLatency } from './measure.ts'
import type { LatencySetting } from './setting.ts'

const SIZES = [100, 1000, 3000, 10_000]
/** Of which the way to an alert is measured too. */
const ONSETS = 1000
const FLAPPING = 100
/** A prime, so that it is another entity each time. */
const ODD_IN = 19
const QUICK: LatencySetting = { entities: 20, seconds: 3, warmUp: 20, flapping: 20, oddIn: 5, onsets: false }

/** How long it takes from the arrival of a vector to what is told of it, and what each entity costs, while all else goes on. */
export const latency: Benchmark = {
  suite: 'speed',
  name: 'latency',
  describe: 'entities at 1 Hz: arrival to publication, onset to alert, stalls, CPU and memory of each',
  run: async ({ quick, progress }) => {
    if (quick) return rowsOf(QUICK, await measureLatency(QUICK))
    if (findServer('alertmanager') === undefined) throw new Missing('alertmanager is not installed')
    const rows: Row[] = []
    for (const entities of sizesOf(process.env['BENCH_ENTITIES'])) {
      const setting = {
        entities,
        seconds: 60,
        warmUp: 300,
        flapping: FLAPPING,
        oddIn: ODD_IN,
        onsets: entities === ONSETS,
      }
      const measured = await measureLatency(setting)
      progress(
        `${entities} entities: p99 at most ${measured['p99_ms']} ms, ${measured['core_pct']?.toFixed(1)} % of a core`,
      )
      rows.push(...rowsOf(setting, measured))
    }
    return rows
  },
}

/** BENCH_ENTITIES: these sizes, with commas between, instead of all. */
function sizesOf(asked: string | undefined): readonly number[] {
  const sizes = (asked ?? '').split(',').map(Number)
  return sizes.every((each) => Number.isInteger(each) && each > 0) ? sizes : SIZES
}

const rowsOf = ({ entities }: LatencySetting, measured: Readonly<Record<string, number>>): Row[] =>
  rowsOfRounds({ suite: 'speed', case: `latency/${entities}`, subject: 'adf' }, [measured])
