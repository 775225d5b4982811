import { Config, configFaults } from '@adf/processor'
import { ConfigError, type ConfigFault, describeConfig, printConfig, shownConfig } from '@adf/service'
import type { Command } from 'commander'
import { keyTables } from '../docs/configuration.ts'
import { exitStatus } from '../output/failure.ts'
import { styled } from '../output/style.ts'
import { writeAnswer } from '../output/write.ts'
import { configOf, globalOptions } from '../program/options.ts'
import { readConfigToStart } from '../program/service-config.ts'

/** `adf config print | check | docs` */
export function register(program: Command): void {
  const config = program.command('config').description('show, check and explain the configuration')
  config
    .command('print')
    .description('print the configuration in effect, credentials masked')
    .action((_options, command: Command) => print(command))
  config
    .command('check')
    .description('list every fault that adf up would find, and warnings; exit status 2 when there is a fault')
    .option('--insecure', 'as adf up --insecure would find them')
    .action((options: { insecure?: boolean }, command: Command) => check(command, options.insecure === true))
  config
    .command('docs')
    .description('list every key with its type, default and meaning, as Markdown')
    .action((_options, command: Command) => docs(command))
}

function print(command: Command): void {
  const config = configOf(command)
  writeAnswer(globalOptions(command).json, shownConfig(Config, config), () => printConfig(Config, config))
}

async function check(command: Command, insecure: boolean): Promise<void> {
  const { faults, warnings } = await examine(command, insecure)
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

async function examine(
  command: Command,
  insecure: boolean,
): Promise<{ faults: readonly ConfigFault[]; warnings: readonly string[] }> {
  try {
    return {
      faults: [],
      warnings: (await readConfigToStart({ Config, configFaults }, command, { insecure })).warnings,
    }
  } catch (error) {
    if (error instanceof ConfigError) return { faults: error.faults, warnings: [] }
    throw error
  }
}

function docs(command: Command): void {
  const rows = describeConfig(Config)
  writeAnswer(globalOptions(command).json, rows, () => keyTables(rows))
}
