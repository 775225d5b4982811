import {
  completeTrial,
  FAULTS,
  isRight,
  parseTrials,
  runDemo,
  SERVICES,
  seededRandom,
  seedOf,
  servicesOf,
  type TrialResult,
  View,
} from '@adf/demo'
import { isBuilt } from '@adf/grafana-app'
import { type Command, Option } from 'commander'
import { type ConsoleChoice, parseConsole } from '../console/beside.ts'
import { exitStatus, UsageError } from '../output/failure.ts'
import { writeAnswer } from '../output/write.ts'
import { globalOptions } from '../program/options.ts'
import { parseDuration, parseWhole } from './arguments.ts'

interface Options {
  readonly once: boolean
  readonly list: boolean
  readonly fault?: string
  readonly service?: string
  readonly faults?: string
  readonly seed: number
  readonly step: string
  readonly rate: number
  readonly duration: number
  readonly alertmanager?: string
  readonly console: ConsoleChoice
  readonly federation: boolean
}

const PROGRAM = new URL('../../bin/adf.mjs', import.meta.url)

const help = `
The shop is ten small services in processes of their own, instrumented by the OpenTelemetry SDK. One of them gets a fault;
ADF shall find which. With --json the report goes to standard error and the last line of standard output is
  {"service", "fault", "top": [...], "kind", "probability", "detected_after_s", "alerted_after_s"}

Exit status of --once: 0 when the first-ranked cause is the service with the fault, else 1.
`

/** `adf demo`: a shop, a fault, an incident. */
export function register(program: Command): void {
  program
    .command('demo')
    .description('watch ADF find a fault in a small shop of real, instrumented services')
    .option('--once', 'end after the fault', false)
    .addOption(
      new Option('--fault <fault>', 'which fault (drawn by the seed when left out)').choices([...FAULTS]),
    )
    .option('--service <name>', 'which service (drawn by the seed when left out)')
    .option('--faults <fault:service,...>', 'several, one after the other')
    .option('--seed <n>', 'seed of load, service times and choice', parseWhole, 1)
    .option('--step <duration>', 'how often ADF scores', '250ms')
    .option('--rate <n>', 'requests of users each second', parseWhole, 25)
    .addOption(
      new Option('--duration <duration>', 'end after so long at the latest')
        .argParser(parseDuration)
        .default(24 * 3_600_000, '24h'),
    )
    .option('--alertmanager <url>', 'where alerts go (one is started when it is installed)')
    .addOption(
      new Option(
        '--console <port|off>',
        'where the pages of the Grafana app are (another port when it is taken)',
      )
        .argParser(parseConsole)
        .default(3000),
    )
    .option(
      '--federation',
      'also a federation server and two sites more: three that train a network together without showing their data',
      false,
    )
    .option('--list', 'print which fault fits which service, and do nothing else', false)
    .addHelpText('after', help)
    .action(async (options: Options, command: Command) => {
      const { json } = globalOptions(command)
      if (options.list) return list(json)
      process.exitCode = await demo(options, json)
    })
}

/** Exit status by what ADF made of the faults. */
export const statusOf = (results: readonly TrialResult[]): number =>
  results.every(isRight) ? exitStatus.ok : exitStatus.failed

function list(json: boolean): void {
  const faults = FAULTS.map((fault) => ({ fault, services: servicesOf(fault) }))
  writeAnswer(json, { services: SERVICES.map((service) => service.name), faults }, () =>
    faults.map(({ fault, services }) => `${fault.padEnd(10)}${services.join(', ')}`).join('\n'),
  )
}

async function demo(options: Options, json: boolean): Promise<number> {
  const random = seededRandom(seedOf(options.seed, 'trial'))
  const trials = trialsOf(options, random)
  const interrupt = new AbortController()
  let signalled: NodeJS.Signals | undefined
  const onSignal = (signal: NodeJS.Signals) => {
    signalled = signal
    interrupt.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  try {
    const results = await runDemo({
      program: PROGRAM,
      trials,
      seed: options.seed,
      step: options.step,
      ratePerSecond: options.rate,
      once: options.once,
      durationMs: options.duration,
      federation: options.federation,
      ...(options.alertmanager !== undefined && { alertmanager: options.alertmanager }),
      ...(options.console !== 'off' && isBuilt() && { consolePort: options.console }),
      signal: interrupt.signal,
      view: new View(json ? process.stderr : process.stdout, Date.now),
      ...(json && { onResult: (result) => process.stdout.write(`${JSON.stringify(result)}\n`) }),
    })
    return statusOf(results)
  } catch (error) {
    if (interrupt.signal.aborted) return signalled === 'SIGINT' ? 130 : 143
    throw error
  }
}

function trialsOf(options: Options, random: () => number) {
  try {
    return options.faults !== undefined
      ? parseTrials(options.faults, random)
      : [completeTrial(options, random)]
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}
