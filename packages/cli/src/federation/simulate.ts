import { Config } from '@adf/federation-server'
import { attacks, type SimulationReport, settingsOf, simulate } from '@adf/federation-server/simulation'
import { loadConfig } from '@adf/service'
import { type Command, Option } from 'commander'
import ora from 'ora'
import { parseWhole } from '../commands/arguments.ts'
import { columns } from '../output/columns.ts'
import { UsageError } from '../output/failure.ts'
import { writeAnswer } from '../output/write.ts'
import { globalOptions, warnings } from '../program/options.ts'

interface Options {
  readonly clients: number
  readonly attackers: number
  readonly trusted?: number
  readonly attack?: string
  readonly rounds: number
  readonly seed: number
  readonly run?: string
}

/** Rounds times clients take a few milliseconds each. */
const MOST_CLIENTS = 1000
const MOST_ROUNDS = 10_000

const endOfHelp = `
Without --attack all of them, one after the other, and none. LOSS is against the plain mean of honest clients, in points
of average precision; below 0 is a gain. The sites and their network are made up and small: compare rules and settings
by it, and do not read it as the quality of your own model.
docs/federation-simulation.md says what each attack does.
`

/** `adf federation simulate`: what the rule and settings of a configuration stand. */
export function registerSimulate(federation: Command): void {
  federation
    .command('simulate')
    .description('attack a simulated federation that has the settings of this configuration')
    .option('--clients <n>', 'clients of each round', parseWhole, 10)
    .option('--attackers <n>', 'how many of them attack', parseWhole, 3)
    .option('--trusted <n>', 'trusted clients beside them (default: 1 with fl_trust, else 0)', parseWhole)
    .addOption(
      new Option('--attack <name>', 'only this one').choices(['none', ...attacks.map(({ name }) => name)]),
    )
    .option('--rounds <n>', 'how many', parseWhole, 40)
    .option('--seed <n>', 'the same seed gives the same result', parseWhole, 1)
    .option('--run <name>', 'the run whose settings are taken (default: the only one)')
    .addHelpText('after', endOfHelp)
    .action((options: Options, command: Command) => answer(options, command))
}

async function answer(options: Options, command: Command): Promise<void> {
  const { config: file, set, json } = globalOptions(command)
  const { config, warnings: told } = loadConfig(Config, { file, env: process.env, set })
  warnings(told)
  const { clients, attackers, rounds, seed } = checked(options)
  const { federated } = config
  const run = chosenRun(Object.keys(federated.runs), options.run)
  const settings = settingsOf(federated, federated.runs[run]!)
  const { aggregation, poisoning } = settings
  const trusted = options.trusted ?? (aggregation.rule === 'fl_trust' ? 1 : 0)
  if (aggregation.rule === 'fl_trust' && trusted === 0)
    throw new UsageError('fl_trust needs a trusted client: --trusted 1 or more')
  const federation = { clients, attackers, rounds, seed, trusted }
  const chosen = [undefined, ...attacks].filter(
    (attack) => options.attack === undefined || options.attack === (attack?.name ?? 'none'),
  )
  const spinner = ora({ stream: process.stderr, isSilent: !process.stderr.isTTY }).start()
  const plain = {
    ...settings,
    aggregation: { pre_steps: [], rule: 'fed_avg' as const, faulty: 0 },
    poisoning: { ...poisoning, enabled: false },
  }
  const { quality: unharmed } = simulate({ ...federation, attack: undefined, settings: plain })
  const results: Result[] = []
  for (const attack of chosen) {
    const name = attack?.name ?? 'none'
    spinner.text = name
    spinner.render()
    const report = simulate({ ...federation, attack, settings })
    results.push(resultOf(name, unharmed, report))
    // Signals get their turn.
    await new Promise(setImmediate)
  }
  spinner.stop()
  const about = { ...federation, run, aggregation, poisoning_detection: poisoning.enabled }
  writeAnswer(json, { ...about, unharmed, attacks: results }, () => textOf(about, unharmed, results))
}

function checked(options: Options): Options {
  for (const [name, value, least, most] of [
    ['clients', options.clients, 1, MOST_CLIENTS],
    ['attackers', options.attackers, 0, MOST_CLIENTS],
    ['trusted', options.trusted ?? 0, 0, MOST_CLIENTS],
    ['rounds', options.rounds, 1, MOST_ROUNDS],
  ] as const)
    if (value < least || value > most) throw new UsageError(`--${name} must be ${least} to ${most}`)
  const { clients, attackers } = options
  if (attackers >= clients)
    throw new UsageError(`--attackers ${attackers} of --clients ${clients} leave nobody honest`)
  return options
}

function chosenRun(names: readonly string[], wanted: string | undefined): string {
  const [only, ...others] = names
  if (wanted === undefined) {
    if (only !== undefined && others.length === 0) return only
    throw new UsageError(`--run is needed: the configuration has ${names.join(', ') || 'none'}`)
  }
  if (!names.includes(wanted))
    throw new UsageError(`the configuration has no run ${wanted}; it has ${names.join(', ') || 'none'}`)
  return wanted
}

interface Result {
  readonly attack: string
  readonly quality: number
  readonly loss: number
  readonly honest_rejected: number
  readonly attackers_caught: number
  readonly caught_after_rounds: number | null
  readonly rounds_abandoned: number
  readonly abandoned_for: string | null
}

const resultOf = (attack: string, unharmed: number, report: SimulationReport): Result => ({
  attack,
  quality: report.quality,
  loss: unharmed - report.quality,
  honest_rejected: report.honestRejected,
  attackers_caught: report.attackersCaught,
  caught_after_rounds: report.caughtAfter ?? null,
  rounds_abandoned: report.abandoned,
  abandoned_for: report.abandonedFor ?? null,
})

interface About {
  readonly clients: number
  readonly attackers: number
  readonly trusted: number
  readonly rounds: number
  readonly seed: number
  readonly run: string
  readonly aggregation: { readonly pre_steps: readonly string[]; readonly rule: string }
  readonly poisoning_detection: boolean
}

function textOf(about: About, unharmed: number, results: readonly Result[]): string {
  const { clients, attackers, trusted, rounds, seed, run, aggregation, poisoning_detection } = about
  const rows = results.map((each) => [
    each.attack,
    each.quality.toFixed(1),
    each.loss.toFixed(1),
    `${(100 * each.honest_rejected).toFixed(1)} %`,
    each.attack === 'none' ? '' : `${(100 * each.attackers_caught).toFixed(0)} %`,
    each.caught_after_rounds === null ? '' : each.caught_after_rounds.toFixed(0),
    String(each.rounds_abandoned),
  ])
  const numbers = ['QUALITY', 'LOSS', 'HONEST REJECTED', 'CAUGHT', 'AFTER ROUNDS', 'ABANDONED']
  const reasons = new Set(results.flatMap(({ abandoned_for }) => abandoned_for ?? []))
  return [
    `run ${run}: ${[...aggregation.pre_steps, aggregation.rule].join(' + ')}, poisoning detection ${poisoning_detection ? 'on' : 'off'}`,
    `${clients} clients, ${attackers} of them attackers, ${trusted} trusted beside them; ${rounds} rounds, seed ${seed}; ${unharmed.toFixed(1)} points unharmed`,
    '',
    columns(['ATTACK', ...numbers], rows, numbers),
    ...[...reasons].map((reason) => `abandoned: ${reason}`),
  ].join('\n')
}
