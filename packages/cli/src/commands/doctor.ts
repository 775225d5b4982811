import { Config, DEFAULT_PATH } from '@adf/processor'
import { appliedMigrations, ConfigError, DatabaseError, type Loaded, placeOf } from '@adf/service'
import type { Command } from 'commander'
import manifest from '../../package.json' with { type: 'json' }
import { withExisting } from '../database/store.ts'
import { bundleOf, writeBundle } from '../doctor/bundle/bundle.ts'
import { apiOf, examine } from '../doctor/doctor.ts'
import type { Finding, FindingStatus } from '../doctor/finding.ts'
import { exitStatus, UsageError } from '../output/failure.ts'
import { styled } from '../output/style.ts'
import { oneLine } from '../output/terminal-text.ts'
import { writeAnswer, writeRemark } from '../output/write.ts'
import { type Address, givenUrl, PROCESSOR, tokenOf } from '../program/address.ts'
import { globalOptions, readConfig } from '../program/options.ts'

/** `adf doctor`: what is wrong with a running ADF and around it, and what to do. */
export function register(program: Command): void {
  program
    .command('doctor')
    .description('look at a running ADF and around it: what is wrong, and what to do')
    .option('--url <url>', 'API of the processor (default: $ADF_URL, else that of the configuration)')
    .option('--token <token>', 'bearer token with the scope read (default: $ADF_TOKEN)')
    .option(
      '--bundle <file>',
      'also write what others need to see to help: configuration, versions, findings, status, metrics; no secrets, no telemetry',
    )
    .option('--log <file>', 'log of that ADF, whose last lines go into the bundle')
    .addHelpText('after', '\nExit status 1 when there is a fault. docs/doctor.md explains the checks.\n')
    .action(async (options: Options, command: Command) => {
      const load = () => readConfig(command)
      const [url, token] = [givenUrl(PROCESSOR, options), tokenOf(options)]
      const findings = await examine({ load, url, token, clock: Date.now })
      const { bundle, log } = options
      if (log !== undefined && bundle === undefined) throw new UsageError('--log is for --bundle')
      if (bundle !== undefined) {
        const text = await bundleOf({
          load,
          url: url ?? apiOf(configOr(load)),
          token,
          findings,
          logFile: log,
          schema: schemaOf,
          version: manifest.version,
          nowMs: Date.now(),
        })
        writeBundle(bundle, text)
        writeRemark(`${bundle} is written; read it before you give it away`)
      }
      const count = (status: FindingStatus) => findings.filter((one) => one.status === status).length
      const [faults, warnings] = [count('fault'), count('warning')]
      if (faults > 0) process.exitCode = exitStatus.failed
      writeAnswer(globalOptions(command).json, { ok: faults === 0, faults, warnings, checks: findings }, () =>
        [
          ...findings.map(lineOf),
          '',
          faults + warnings === 0 ? styled('green', 'all is well') : `${faults} faults, ${warnings} warnings`,
        ].join('\n'),
      )
    })
}

interface Options extends Address {
  readonly bundle?: string
  readonly log?: string
}

/** The configuration, or the defaults when it has faults. */
function configOr(load: () => Loaded<Config>): Config {
  try {
    return load().config
  } catch (error) {
    if (error instanceof ConfigError) return Config.parse({})
    throw error
  }
}

async function schemaOf({ store }: Config): Promise<readonly string[] | string> {
  try {
    return await withExisting(placeOf(store, DEFAULT_PATH), appliedMigrations)
  } catch (error) {
    if (error instanceof DatabaseError) return error.message
    throw error
  }
}

const COLOURS = { ok: 'green', warning: 'yellow', fault: 'red' } as const

function lineOf({ status, check, text, advice }: Finding): string {
  const line = `${styled(COLOURS[status], status.padEnd(7))}  ${check}: ${oneLine(text)}`
  return advice === undefined ? line : `${line}\n         -> ${advice}`
}
