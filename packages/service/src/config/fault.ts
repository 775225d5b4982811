/** One thing that is wrong with the configuration: which key, what, and who said so (`adf.yaml:12`, a variable, a flag). */
export interface ConfigFault {
  readonly path: string
  readonly message: string
  readonly source: string
}

/** The configuration cannot be used. `faults` has every fault that was found, not only the first. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly faults: readonly ConfigFault[]

  constructor(faults: readonly ConfigFault[]) {
    const lines = faults.map(
      ({ path, message, source }) => `  ${source}: ${path ? `${path}: ` : ''}${message}`,
    )
    super(
      `configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n${lines.join('\n')}`,
    )
    this.faults = faults
  }
}
