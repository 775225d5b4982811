import { Config, configFaults } from '@adf/processor'
import { ConfigError, type Loaded, loadConfig } from '@adf/service'
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

/** readConfig, and what else keeps adf up from its start: listeners open to strangers, files of TLS. Throws ConfigError. */
export async function readConfigToStart(
  command: Command,
  options: { insecure: boolean },
): Promise<Loaded<Config>> {
  const loaded = readConfig(command)
  const faults = await configFaults(loaded.config, options)
  if (faults.length === 0) return loaded
  throw new ConfigError(faults.map((fault) => ({ ...fault, source: sourceOf(loaded.sources, fault.path) })))
}

/** The place of a key, or of the nearest key above it that was set. */
function sourceOf(sources: Loaded<Config>['sources'], path: string): string {
  const source = sources.get(path)
  const above = path.replace(/(\.[^.[]*|\[\d+\])$/, '')
  return source ?? (above === path ? 'defaults' : sourceOf(sources, above))
}

/** readConfig, with its warnings on standard error. */
export function configOf(command: Command): Config {
  return warned(readConfig(command))
}

/** The configuration, once its warnings are on standard error. */
export function warned({ config, warnings: told }: Loaded<Config>): Config {
  warnings(told)
  return config
}

/** Puts warnings on standard error. */
export function warnings(told: readonly string[]): void {
  for (const warning of told) writeRemark(`${styled('yellow', 'warning:', process.stderr)} ${warning}`)
}
