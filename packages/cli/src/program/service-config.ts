import { ConfigError, type Loaded, loadConfig } from '@adf/service'
import type { Command } from 'commander'
import type { z } from 'zod'
import { globalOptions } from './options.ts'

/** A service's configuration: its schema, and what keeps the service from its start that the schema cannot know. */
interface Configured<S extends z.ZodType> {
  readonly Config: S
  configFaults(
    config: z.output<S>,
    options: { insecure: boolean },
  ): Promise<readonly { readonly path: string; readonly message: string }[]>
}

/** The configuration from --config, the environment and --set: ready to start with. Throws ConfigError with every fault. */
export async function readConfigToStart<S extends z.ZodType>(
  service: Configured<S>,
  command: Command,
  options: { insecure: boolean },
): Promise<Loaded<z.output<S>>> {
  const { config: file, set } = globalOptions(command)
  return ready(service, loadConfig(service.Config, { file, env: process.env, set }), options)
}

/**
 * The same, of a file alone: in `adf up` the variables and --set are the processor's. Throws ConfigError with every fault.
 *
 * @param file undefined: the defaults
 */
export async function readFileToStart<S extends z.ZodType>(
  service: Configured<S>,
  file: string | undefined,
  options: { insecure: boolean },
): Promise<Loaded<z.output<S>>> {
  return ready(service, loadConfig(service.Config, { file, env: {}, set: [] }), options)
}

async function ready<S extends z.ZodType>(
  { configFaults }: Configured<S>,
  loaded: Loaded<z.output<S>>,
  options: { insecure: boolean },
): Promise<Loaded<z.output<S>>> {
  const faults = await configFaults(loaded.config, options)
  if (faults.length === 0) return loaded
  throw new ConfigError(faults.map((fault) => ({ ...fault, source: sourceOf(loaded.sources, fault.path) })))
}

/** The place of a key, or of the nearest key above it that was set. */
function sourceOf(sources: ReadonlyMap<string, string>, path: string): string {
  const source = sources.get(path)
  const above = path.replace(/(\.[^.[]*|\[\d+\])$/, '')
  return source ?? (above === path ? 'defaults' : sourceOf(sources, above))
}
