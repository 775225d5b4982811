import { createWriteStream, existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CauseKind } from '@adf/contract'
import { FAULTS, seededRandom, servicesOf, type Trial, type TrialResult } from '@adf/demo'
import { z } from 'zod'
import { runAdf } from '../../../../test/harness/process.ts'
import type { Benchmark } from '../../suite.ts'
import { rowsOf } from './rows.ts'

const SEEDS = [1, 2, 3, 4, 5]

const Result = z.object({
  service: z.string(),
  fault: z.enum(FAULTS),
  top: z.array(z.string()),
  kind: CauseKind.nullable(),
  probability: z.number().nullable(),
  detected_after_s: z.number().nullable(),
  alerted_after_s: z.number().nullable(),
})

/** The demo with every fault in every service that it fits, in an order drawn by the seed. Wants the machine to itself for hours. */
export const shop: Benchmark = {
  suite: 'quality',
  name: 'shop',
  describe:
    '`adf demo`: every fault in every service that it fits, five seeds (three hours; goes on from --out)',
  run: async ({ out, quick, progress }) => {
    const folder = out ?? mkdtempSync(join(tmpdir(), 'adf-shop-'))
    const results: TrialResult[] = []
    for (const seed of quick ? SEEDS.slice(0, 1) : SEEDS) {
      const file = join(folder, `shop-${seed}.jsonl`)
      const done = existsSync(file) ? parse(readFileSync(file, 'utf8')) : []
      const left = trialsOf(seed, quick).filter(
        (trial) => !done.some((each) => each.fault === trial.fault && each.service === trial.service),
      )
      progress(`seed ${seed}: ${left.length} faults to go; results in ${file}`)
      if (left.length > 0) await runDemo(seed, left, folder)
      const came = parse(readFileSync(file, 'utf8'))
      if (came.length < done.length + left.length)
        throw new Error(
          `seed ${seed}: the demo ended after ${came.length - done.length} of ${left.length} faults; shop-${seed}.log in ${folder} says why`,
        )
      results.push(...came)
    }
    return rowsOf(results)
  },
}

function trialsOf(seed: number, quick: boolean): Trial[] {
  const random = seededRandom(seed)
  const all = FAULTS.flatMap((fault) => servicesOf(fault).map((service) => ({ fault, service })))
  const order = all.map((trial) => ({ trial, at: random() })).sort((a, b) => a.at - b.at)
  const trials = order.map(({ trial }) => trial)
  return quick ? trials.slice(0, 2) : trials
}

/** Results and the report go to their files as they come. */
async function runDemo(seed: number, trials: readonly Trial[], folder: string): Promise<void> {
  const faults = trials.map(({ fault, service }) => `${fault}:${service}`).join(',')
  const demo = runAdf(['demo', '--once', '--json', '--seed', `${seed}`, '--faults', faults])
  const [status] = await Promise.all([
    demo.exited,
    keep(demo.child.stdout, join(folder, `shop-${seed}.jsonl`)),
    keep(demo.child.stderr, join(folder, `shop-${seed}.log`)),
  ])
  // 1: a first cause was wrong, which is what is measured here.
  if (status !== 0 && status !== 1)
    throw new Error(`adf demo ended with ${status}: ${demo.output().slice(-2000)}`)
}

async function keep(from: Readable | null, file: string): Promise<void> {
  if (from !== null) await pipeline(from, createWriteStream(file, { flags: 'a' }))
}

const parse = (text: string): TrialResult[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{"service"'))
    .map((line) => Result.parse(JSON.parse(line)))
