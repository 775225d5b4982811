import { Config } from '@adf/processor'
import { ConfigError, type ConfigFault, describeConfig, printConfig, shownConfig } from '@adf/service'
import type { Command } from 'commander'
import { keyTables } from '../docs/configuration.ts'
import { exitStatus } from '../output/failure.ts'
import { styled } from '../output/style.ts'
import { writeAnswer } from '../output/write.ts'
import { configOf, globalOptions, readConfig } from '../program/options.ts'

/** `adf config print | check | docs` */
export function register(program: Command): void {
  const config = program.command('config').description('show, check and explain the configuration')
  config
    .command('print')
    .description('print the configuration in effect, credentials masked')
    .action((_options, command: Command) => print(command))
  config
    .command('check')
    .description('list every fault and warning; exit status 2 when there is a fault')
    .action((_options, command: Command) => check(command))
  config
    .command('docs')
    .description('list every key with its type, default and meaning, as Markdown')
    .action((_options, command: Command) => docs(command))
}

function print(command: Command): void {
  const config = configOf(command)
  writeAnswer(globalOptions(command).json, shownConfig(Config, config), () => printConfig(Config, config))
}

function check(command: Command): void {
  const { faults, warnings } = examine(command)
  if (faults.length > 0) process.exitCode = exitStatus.usage
  writeAnswer(globalOptions(command).json, { ok: faults.length === 0, faults, warnings }, () =>
    [
      ...faults.map(
        ({ path, message, source }) =>
          `${styled('red', 'fault')}    ${source}: ${path && `${path}: `}${message}`,
      ),
      ...warnings.map((warning) => `${styled('yellow', 'warning')}  ${warning}`),
      faults.length === 0 ? styled('green', 'the configuration is good') : '',
    ]
      .filter((line) => line !== '')
      .join('\n'),
  )
}

function examine(command: Command): { faults: readonly ConfigFault[]; warnings: readonly string[] } {
  try {
    return { faults: [], warnings: readConfig(command).warnings }
  } catch (error) {
    if (error instanceof ConfigError) return { faults: error.faults, warnings: [] }
    throw error
  }
}

function docs(command: Command): void {
  const rows = describeConfig(Config)
  writeAnswer(globalOptions(command).json, rows, () => keyTables(rows))
}
