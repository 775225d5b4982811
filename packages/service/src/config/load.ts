import type { z } from 'zod'
import { assignmentLayer, unknownKey } from './assignment.ts'
import { environmentLayers } from './environment.ts'
import { ConfigError, type ConfigFault } from './fault.ts'
import { fileLayer } from './file.ts'
import { Layers } from './layer.ts'
import { formatPath } from './path.ts'
import { keyOf, schemaAt } from './schema.ts'

export interface LoadOptions {
  /** YAML file; `ADF_CONFIG` of the environment when left out. */
  readonly file?: string | undefined
  readonly env?: NodeJS.ProcessEnv
  /** Flags, as in `edge.window=10s`. */
  readonly set?: readonly string[]
}

export interface Loaded<Config> {
  readonly config: Config
  /** What is accepted but does not do what one might think. */
  readonly warnings: readonly string[]
  /** For each key that was set: the place that set it. The others have their defaults. */
  readonly sources: ReadonlyMap<string, string>
}

/**
 * Reads the configuration: defaults, then the YAML file, then variables (`ADF_EDGE__WINDOW=10s`), then flags; the later
 * wins. Maps are merged key by key, lists replaced. Throws a ConfigError with every fault of all of them at once.
 */
export function loadConfig<S extends z.ZodType>(schema: S, options: LoadOptions = {}): Loaded<z.output<S>> {
  const { env = {}, set = [] } = options
  const file = options.file ?? (env['ADF_CONFIG'] || undefined)
  const faults: ConfigFault[] = []
  const layers = new Layers()

  if (file !== undefined) {
    const read = fileLayer(file)
    if (read.layer !== undefined) layers.add(read.layer)
    faults.push(...read.faults)
  }
  const variables = environmentLayers(schema, env)
  for (const layer of variables.layers) layers.add(layer)
  faults.push(...variables.faults)
  for (const flag of set) {
    const { layer, fault } = flagLayer(schema, flag)
    if (layer !== undefined) layers.add(layer)
    if (fault !== undefined) faults.push(fault)
  }

  const parsed = schema.safeParse(layers.tree)
  if (!parsed.success) faults.push(...parsed.error.issues.flatMap((issue) => faultsOf(issue, schema, layers)))
  if (faults.length > 0 || !parsed.success) throw new ConfigError(faults)

  const sources = new Map([...layers.set()].map(([path, source]) => [formatPath(path), source]))
  return { config: parsed.data, warnings: reservedWarnings(schema, layers), sources }
}

function flagLayer(schema: z.core.$ZodType, flag: string) {
  const equals = flag.indexOf('=')
  const source = equals < 1 ? `--set ${flag}` : '--set'
  if (equals < 1) {
    return {
      layer: undefined,
      fault: { path: '', message: 'must be KEY=VALUE, such as edge.window=10s', source },
    }
  }
  const path = flag.slice(0, equals).trim().split('.')
  return {
    layer: undefined,
    fault: undefined,
    ...assignmentLayer(schema, path, flag.slice(equals + 1), source),
  }
}

function faultsOf(issue: z.core.$ZodIssue, schema: z.core.$ZodType, layers: Layers): ConfigFault[] {
  const fault = (path: readonly PropertyKey[], message: string): ConfigFault => ({
    path: formatPath(path),
    message,
    source: layers.sourceOf(path) ?? 'defaults',
  })
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((name) => fault([...issue.path, name], unknownKey(schema, issue.path, name)))
  }
  if (issue.code === 'invalid_key') {
    return issue.issues.map(({ message }) => fault(issue.path, `not a name that is allowed here: ${message}`))
  }
  if (issue.code === 'invalid_union') {
    const at = schemaAt(schema, issue.path)
    const kind = at === undefined ? undefined : keyOf(at).meta.kind
    if (kind === 'duration') return [fault(issue.path, 'expected a duration such as 250ms, 10s or 5m')]
    if (kind === 'bytes') return [fault(issue.path, 'expected a size such as 64MiB')]
  }
  if (issue.code === 'invalid_type' && valueAt(layers.tree, issue.path) === undefined) {
    return [fault(issue.path, 'is required')]
  }
  return [fault(issue.path, issue.message.replace(/^Invalid input: /, ''))]
}

function valueAt(tree: unknown, path: readonly PropertyKey[]): unknown {
  let value = tree
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Reflect.get(value, name)
  }
  return value
}

function reservedWarnings(schema: z.core.$ZodType, layers: Layers): string[] {
  const warnings: string[] = []
  for (const [path, source] of layers.set()) {
    const steps = path.map((_, i) => schemaAt(schema, path.slice(0, i + 1)))
    if (!steps.some((step) => step !== undefined && keyOf(step).meta.reserved)) continue
    warnings.push(
      `${source}: ${formatPath(path)} is reserved for a part that this version does not have; it has no effect`,
    )
  }
  return warnings
}
