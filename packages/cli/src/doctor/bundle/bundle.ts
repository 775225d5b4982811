import { writeFileSync } from 'node:fs'
import { arch, platform, release } from 'node:os'
import { Config } from '@adf/processor'
import { ConfigError, type Loaded, shownConfig } from '@adf/service'
import { CommandFailed } from '../../output/failure.ts'
import { AdfClient, parsed } from '../adf-client.ts'
import type { Finding } from '../finding.ts'
import { lastLogLines } from './log-lines.ts'
import { ownMetrics } from './metric-lines.ts'
import { redacted, secretsOf } from './secrets.ts'

export interface BundleOptions {
  readonly load: () => Loaded<Config>
  readonly url: string
  readonly token: string | undefined
  readonly findings: readonly Finding[]
  /** Of the running ADF: what it wrote on standard error. */
  readonly logFile: string | undefined
  /** Names of the migrations of the store, or why they cannot be told. */
  readonly schema: (config: Config) => Promise<readonly string[] | string>
  readonly version: string
  readonly nowMs: number
}

/** Checks that name entities, and values of theirs. */
const OF_ENTITIES = /^(features|clocks|entities|dialects)/

/**
 * What somebody else needs to see to help: versions, configuration, findings, status, metrics, schema and the last log lines, as one JSON
 * document. Without secrets and without telemetry: no name, value or text of a service, span, metric or log record.
 */
export async function bundleOf(options: BundleOptions): Promise<string> {
  const { load, url, token, findings, logFile, schema, version, nowMs } = options
  const client = new AdfClient(url, token)
  const { config, ...configuration } = configurationOf(load)
  const [status, metrics] = await Promise.all([client.get('/api/status'), client.get('/metrics')])
  const answer = ({ status: code, text, error }: typeof status, read: (text: string) => unknown) =>
    code === 200 ? read(text) : { answered: code, error }
  const document = {
    made_at: new Date(nowMs).toISOString(),
    versions: { adf: version, node: process.version, system: `${platform()} ${release()} ${arch()}` },
    configuration,
    schema: config === undefined ? 'the configuration has faults' : await schema(config),
    checks: findings.map(withoutEntities),
    status: answer(status, parsed),
    metrics: answer(metrics, ownMetrics),
    log: logFile === undefined ? 'give the log of ADF by --log FILE' : readLog(logFile),
  }
  const secrets = secretsOf(config, [token, process.env['ADF_TOKEN']])
  // Once more over all of it: an error or a log line may repeat what the configuration keeps secret.
  return redacted(`${JSON.stringify(document, null, 1)}\n`, secrets)
}

/** For nobody else to read. Rejects with CommandFailed when it is there already. */
export function writeBundle(file: string, text: string): void {
  try {
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CommandFailed(`the bundle was not written: ${reason}`)
  }
}

function configurationOf(load: () => Loaded<Config>) {
  try {
    const { config, warnings } = load()
    return { config, values: shownConfig(Config, config), warnings }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    // A message may quote the value that it is about.
    return { config: undefined, faults: error.faults.map(({ path, source }) => ({ path, source })) }
  }
}

function withoutEntities({ check, status, text }: Finding): Partial<Finding> {
  return OF_ENTITIES.test(check) || check === 'configuration' ? { check, status } : { check, status, text }
}

function readLog(file: string): unknown {
  try {
    return lastLogLines(file)
  } catch (error) {
    return `cannot be read: ${error instanceof Error ? error.message : String(error)}`
  }
}
