import { initialWeights } from '@adf/detectors'
import type { Benchmark, BenchOptions, Row } from '../../suite.ts'
import { federate } from '../sites/federate.ts'
import { readSites } from '../sites/machines.ts'
import { mean } from '../sites/quality.ts'
import { defaultRule } from '../sites/rules.ts'
import { defaultQuantisation, defaultTraining } from '../sites/server-defaults.ts'
import { FIRST_SEED } from '../sites/setup.ts'
import type { Site } from '../sites/site.ts'
import { withThreads } from '../sites/site-thread.ts'
import { cold, type Worth, warm, worthOf } from './newcomer.ts'

/** Sites that have trained together, and those that come later. */
const SITES = 5
const NEWCOMERS = 4
const ROUNDS = 50
const ROWS = 10_080
/** Rows after which a newcomer is looked at. */
const UP_TO = [4096, 8192, 16_384]
const QUICK = { rounds: 2, newcomers: 1, upTo: [4096, 5120], epochs: 1 }

/** A site that comes late: with what the others have learned, or with nothing. In this process: no sockets. */
export const warmStart: Benchmark = {
  suite: 'federation',
  name: 'warm-start',
  describe:
    'a new site with the global weights against one that starts cold: loss and VUS-PR of its first vectors',
  run: runWarmStart,
}

async function runWarmStart({ data, quick, progress }: BenchOptions): Promise<Row[]> {
  const sites = await readSites({ data, count: SITES, rows: ROWS, judgedRows: 0 })
  const global = await globalWeights(sites, quick ? QUICK.rounds : ROUNDS)
  progress('the global weights are there')
  const count = quick ? QUICK.newcomers : NEWCOMERS
  const newcomers = await readSites({ data, from: SITES, count, rows: 0 })
  const upTo = quick ? QUICK.upTo : UP_TO
  const worths: Record<'warm' | 'cold', Worth[][]> = { warm: [], cold: [] }
  for (const site of newcomers) {
    const begun = await warm(site, global)
    worths.warm.push(upTo.map((to) => worthOf(begun, site, to)))
    const own = await cold(site, quick ? QUICK.epochs : undefined)
    worths.cold.push(upTo.map((to) => worthOf(own, site, to)))
    progress(`${site.name} is done`)
  }
  return upTo.flatMap((to, at) =>
    (['warm', 'cold'] as const).flatMap((subject) => [
      ...rowsOf(`warm-start/${to}`, subject, meanOf(worths[subject].map((each) => each[at]!))),
      ...newcomers.flatMap(({ name }, i) =>
        rowsOf(`warm-start/${to}/${name}`, subject, worths[subject][i]![at]!),
      ),
    ]),
  )
}

async function globalWeights(sites: readonly Site[], rounds: number): Promise<Float32Array> {
  const { weights } = await withThreads(sites, (threads) =>
    federate({
      threads,
      initial: initialWeights(sites[0]!.network, FIRST_SEED).values,
      rounds,
      training: defaultTraining,
      quantisation: defaultQuantisation,
      seed: 1,
      combine: defaultRule(),
    }),
  )
  return weights
}

/** VUS-PR over those newcomers that have anything anomalous so early. */
const meanOf = (worths: readonly Worth[]): Worth => ({
  vusPr: mean(worths.map(({ vusPr }) => vusPr).filter((value) => !Number.isNaN(value))),
  loss: mean(worths.map(({ loss }) => loss)),
})

const rowsOf = (place: string, subject: string, { vusPr, loss }: Worth): Row[] => [
  ...(Number.isNaN(vusPr)
    ? []
    : [{ suite: 'federation', case: place, subject, measure: 'vus_pr', value: vusPr }]),
  { suite: 'federation', case: place, subject, measure: 'loss', value: loss },
]
