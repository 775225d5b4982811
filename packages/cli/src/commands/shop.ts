import { completeTrial, parseTrials, runShopAlone, seededRandom, seedOf, type Trial } from '@adf/demo'
import type { Command } from 'commander'
import { UsageError } from '../output/failure.ts'
import { parseDuration, parseWhole } from './arguments.ts'

interface Options {
  readonly otlp: string
  readonly faults?: string
  readonly seed: number
  readonly rate: number
  readonly pause: number
  readonly faultFor: number
}

const help = `
Runs until it is told to stop. Faults are as in 'adf demo --list', one after the other and then again, such as latency:payment,error:cart.
`

/** `adf shop`: the shop of the demo alone, for an ADF that runs elsewhere. */
export function register(program: Command): void {
  program
    .command('shop')
    .description("run the demo's shop and its users, with telemetry to an OTLP endpoint, and faults in turn")
    .requiredOption('--otlp <url>', 'OTLP/gRPC endpoint, such as http://127.0.0.1:4317')
    .option('--faults <fault:service,...|none>', 'which faults (one is drawn by the seed when left out)')
    .option('--pause <duration>', 'before each fault', parseDuration, 360_000)
    .option('--fault-for <duration>', 'how long a fault lasts', parseDuration, 60_000)
    .option('--seed <n>', 'seed of load, service times and choice', parseWhole, 1)
    .option('--rate <n>', 'requests of users each second', parseWhole, 25)
    .addHelpText('after', help)
    .action(async (options: Options) => {
      const interrupt = new AbortController()
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
        process.on(signal, () => interrupt.abort())
      await runShopAlone({
        otlpEndpoint: endpointOf(options.otlp),
        seed: options.seed,
        ratePerSecond: options.rate,
        trials: trialsOf(options),
        pauseMs: options.pause,
        faultMs: options.faultFor,
        signal: interrupt.signal,
        say: (text) => process.stdout.write(`${text}\n`),
      })
    })
}

function endpointOf(text: string): string {
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new UsageError(`--otlp ${text}: give a URL such as http://127.0.0.1:4317`)
  return text
}

function trialsOf({ faults, seed }: Options): readonly Trial[] {
  if (faults === 'none') return []
  const random = seededRandom(seedOf(seed, 'trial'))
  try {
    return faults === undefined ? [completeTrial({}, random)] : parseTrials(faults, random)
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}
