import { initialWeights } from '@adf/detectors'
import { type Benchmark, type BenchOptions, Missing, type Row } from '../../suite.ts'
import { federate } from '../sites/federate.ts'
import { readSites } from '../sites/machines.ts'
import { heldOutLoss, mean, qualityOf } from '../sites/quality.ts'
import { fedAvg } from '../sites/rules.ts'
import { defaultTraining } from '../sites/server-defaults.ts'
import { FIRST_SEED } from '../sites/setup.ts'
import type { Site } from '../sites/site.ts'
import { withThreads } from '../sites/site-thread.ts'
import { ByUpdates, byCalibratedLoss, byLoss, type Halves, halvesOf, leakBy } from './membership.ts'
import { epsilonAfter, type Setting, settings } from './settings.ts'

const SITES = 5
const ROUNDS = 20
/** Two weeks of minutes. */
const ROWS = 20_160
/** Rounds whose updates the server looks at. */
const LOOKED_AT = 3
const QUICK = { rounds: 2, rows: 10_080, settings: ['fp32', 'dp-1'] }

/** What noise costs, and what can be told of the data from what leaves a site, with and without it. In this process: no sockets. */
export const privacy: Benchmark = {
  suite: 'federation',
  name: 'privacy',
  describe: "differential privacy's ε against quality; membership inference with and without",
  run: runPrivacy,
}

async function runPrivacy({ data, quick, progress }: BenchOptions): Promise<Row[]> {
  const rounds = quick ? QUICK.rounds : ROUNDS
  const read = await readSites({ data, count: SITES, rows: quick ? QUICK.rows : ROWS })
  const sites = read.filter((site) => {
    const { members, others } = halvesOf(site)
    return members.length > 0 && others.length > 0
  })
  if (sites.length === 0) throw new Missing(`of ${SITES} machines none has two runs of normal vectors`)
  const halves = sites.map(halvesOf)
  const runs = (of: keyof Halves) => halves.reduce((sum, half) => sum + half[of].length, 0)
  progress(`${sites.length} sites: ${runs('members')} runs are trained on, ${runs('others')} are not`)
  const rows: Row[] = []
  for (const setting of settings) {
    if (quick && !QUICK.settings.includes(setting.name)) continue
    const row = (subject: string, measure: string, value: number) =>
      rows.push({ suite: 'federation', case: `privacy/${setting.name}`, subject, measure, value })
    const byUpdates = new ByUpdates(sites, LOOKED_AT)
    const target = await trained(setting, sites, halves, 'members', rounds, byUpdates)
    row('adf', 'epsilon', epsilonAfter(setting, rounds))
    row('adf', 'held_out_loss', mean(sites.map((site) => heldOutLoss(target, site))))
    if (!quick) row('adf', 'vus_pr', await meanVusPr(target, sites))
    const shadow = await trained(setting, sites, halves, 'others', rounds)
    const attacks = {
      'by-loss': byLoss(sites, target),
      'by-calibrated-loss': byCalibratedLoss(sites, target, shadow),
      'by-updates': byUpdates.score,
    }
    for (const [attack, score] of Object.entries(attacks)) {
      const { auc, advantage, advantageByChance } = leakBy(score, halves)
      row(attack, 'auc', auc)
      row(attack, 'advantage', advantage)
      row(attack, 'by_chance', advantageByChance)
    }
    progress(`${setting.name} is done`)
  }
  return rows
}

async function trained(
  { quantisation, privacy }: Setting,
  sites: readonly Site[],
  halves: readonly Halves[],
  on: keyof Halves,
  rounds: number,
  watcher?: ByUpdates,
): Promise<Float32Array> {
  const trainedOn = sites.map((site, i) => ({ ...site, training: halves[i]![on] }))
  const { weights } = await withThreads(trainedOn, (threads) =>
    federate({
      threads,
      initial: initialWeights(sites[0]!.network, FIRST_SEED).values,
      rounds,
      training: defaultTraining,
      quantisation,
      privacy,
      seed: 1,
      combine: fedAvg(),
      onRound: (_, base, updates) => watcher?.see(base, updates),
    }),
  )
  return weights
}

const meanVusPr = (weights: Float32Array, sites: readonly Site[]): Promise<number> =>
  withThreads(sites, async (threads) =>
    mean(
      await Promise.all(sites.map(async (site, i) => (await qualityOf(weights, site, threads[i]!)).vusPr)),
    ),
  )
