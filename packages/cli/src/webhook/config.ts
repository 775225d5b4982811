import { Config, configFaults } from '@adf/alertmanager-webhook'
import { ConfigError, type Loaded, loadConfig } from '@adf/service'
import type { Command } from 'commander'
import { globalOptions } from '../program/options.ts'

/** The webhook's configuration from --config, the environment and --set. Throws ConfigError with every fault. */
export async function readWebhookConfig(
  command: Command,
  options: { insecure: boolean },
): Promise<Loaded<Config>> {
  const { config: file, set } = globalOptions(command)
  return ready(loadConfig(Config, { file, env: process.env, set }), options)
}

/**
 * The same, of a file alone: in `adf up` the variables and --set are the processor's. Throws ConfigError with every fault.
 *
 * @param file undefined: the defaults
 */
export async function readWebhookFile(
  file: string | undefined,
  options: { insecure: boolean },
): Promise<Loaded<Config>> {
  return ready(loadConfig(Config, { file, env: {}, set: [] }), options)
}

async function ready(loaded: Loaded<Config>, options: { insecure: boolean }): Promise<Loaded<Config>> {
  const faults = await configFaults(loaded.config, options)
  if (faults.length === 0) return loaded
  throw new ConfigError(
    faults.map((fault) => ({ ...fault, source: loaded.sources.get(fault.path) ?? 'defaults' })),
  )
}
