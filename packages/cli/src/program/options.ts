import { Config } from '@adf/processor'
import { type Loaded, loadConfig } from '@adf/service'
import type { Command } from 'commander'
import { styled } from '../output/style.ts'
import { writeRemark } from '../output/write.ts'

/** The options that every command has. */
export interface GlobalOptions {
  readonly config: string | undefined
  readonly set: readonly string[]
  readonly json: boolean
}

export function globalOptions(command: Command): GlobalOptions {
  const options: Record<string, unknown> = command.optsWithGlobals()
  const { config, set } = options
  return {
    config: typeof config === 'string' ? config : undefined,
    set: Array.isArray(set) ? set.map(String) : [],
    json: options['json'] === true,
  }
}

/** The processor's configuration from --config, the environment and --set. Throws ConfigError with every fault. */
export function readConfig(command: Command): Loaded<Config> {
  const { config, set } = globalOptions(command)
  return loadConfig(Config, { file: config, env: process.env, set })
}

/** readConfig, with its warnings on standard error. */
export function configOf(command: Command): Config {
  return warned(readConfig(command))
}

/** The configuration, once its warnings are on standard error. */
export function warned<C>({ config, warnings: told }: Loaded<C>): C {
  warnings(told)
  return config
}

/** Puts warnings on standard error. */
export function warnings(told: readonly string[]): void {
  for (const warning of told) writeRemark(`${styled('yellow', 'warning:', process.stderr)} ${warning}`)
}
