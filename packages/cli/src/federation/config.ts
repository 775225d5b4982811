import { Config, configFaults } from '@adf/federation-server'
import { ConfigError, type Loaded, loadConfig } from '@adf/service'
import type { Command } from 'commander'
import { globalOptions } from '../program/options.ts'

/** The federation server's configuration from --config, the environment and --set. Throws ConfigError with every fault. */
export async function readFederationConfig(
  command: Command,
  options: { insecure: boolean },
): Promise<Loaded<Config>> {
  const { config: file, set } = globalOptions(command)
  const loaded = loadConfig(Config, { file, env: process.env, set })
  const faults = await configFaults(loaded.config, options)
  if (faults.length === 0) return loaded
  throw new ConfigError(
    faults.map((fault) => ({ ...fault, source: loaded.sources.get(fault.path) ?? 'defaults' })),
  )
}
