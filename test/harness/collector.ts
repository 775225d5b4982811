import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type Running, run, temporaryFolder } from './process.ts'

const VERSION = '0.155.0'
const manifest = join(import.meta.dirname, '../../bench/src/speed/ingest/otelcol/manifest.yaml')

const cache = () => join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'adf')

/** True when a collector is there or can be built; where it cannot, tests that need one are skipped. */
export function hasCollector(): boolean {
  return existsSync(collectorFile()) || goVersion() !== undefined
}

export const collectorNeeds =
  'the OpenTelemetry Collector is built from Go modules: install Go 1.25 or newer (https://go.dev/dl)'

/**
 * The OpenTelemetry Collector, built by its own builder from the manifest (about two minutes, 1 GB of Go's caches) and kept in
 * the user's cache. Throws when it is not there and Go is not either.
 */
export function collector(progress: (text: string) => void = () => {}): string {
  const file = collectorFile()
  if (existsSync(file)) return file
  build(manifest, 'otelcol-small', file, progress)
  return file
}

/** @param made name of the program that the manifest makes */
function build(from: string, made: string, file: string, progress: (text: string) => void): void {
  if (goVersion() === undefined) throw new Error(collectorNeeds)
  mkdirSync(cache(), { recursive: true })
  const folder = temporaryFolder()
  try {
    progress(`building ${made} ${VERSION} of the OpenTelemetry Collector (once, minutes)`)
    const env = { ...process.env, GOBIN: folder.path, CGO_ENABLED: '0' }
    const builder = `go.opentelemetry.io/collector/cmd/builder@v${VERSION}`
    execFileSync('go', ['install', builder], { env, stdio: ['ignore', 'ignore', 'pipe'] })
    const config = join(folder.path, 'manifest.yaml')
    const built = join(folder.path, 'built')
    writeFileSync(config, readFileSync(from, 'utf8').replace(/output_path: .*/, `output_path: ${built}`))
    // Of components that were not released together, each in the version that resolves.
    const args = ['--config', config, '--skip-strict-versioning']
    execFileSync(join(folder.path, 'builder'), args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
    // Two at once build twice; whoever renames last wins, and both are whole.
    const copy = `${file}.${process.pid}`
    copyFileSync(join(built, made), copy)
    renameSync(copy, file)
  } finally {
    folder.remove()
  }
}

/** Runs the collector with a configuration (a YAML file), whose `${env:NAME}` come from `env`. */
export function startCollector(
  config: string,
  env: Record<string, string>,
  progress?: (text: string) => void,
  program: string = collector(progress),
): Running {
  return run(program, ['--config', config], { env })
}

function collectorFile(): string {
  return join(cache(), `otelcol-small-${VERSION}`)
}

function goVersion(): string | undefined {
  try {
    return execFileSync('go', ['version'], { encoding: 'utf8' })
  } catch {
    return undefined
  }
}

/** Collectors with more components, which take a quarter of an hour and more to build: only there when somebody built them. */
const variants = {
  /** All that provisioning/otel-collector asks for, but for log files and remote write. */
  full: { file: 'otelcol-full', manifest: 'collector-full.yaml' },
  /** What agent.yaml asks for, log files too. */
  agent: { file: 'otelcol-agent', manifest: 'collector-agent.yaml' },
} as const
export type CollectorVariant = keyof typeof variants

const variantFile = (variant: CollectorVariant) => join(cache(), `${variants[variant].file}-${VERSION}`)

/** Its program; undefined where nobody built it. */
export function builtVariant(variant: CollectorVariant): string | undefined {
  const file = variantFile(variant)
  return existsSync(file) ? file : undefined
}

export const variantNeeds = (variant: CollectorVariant) =>
  `a collector with more components: node test/harness/collector.ts ${variant}`

// As a program it builds: that blocks for minutes, which a test worker may not.
if (import.meta.main) {
  const say = (text: string) => process.stderr.write(`${text}\n`)
  const [variant] = process.argv.slice(2)
  if (variant === undefined) collector(say)
  else if (variant in variants) buildVariant(variant as CollectorVariant, say)
  else throw new Error(`there is no collector ${variant}, only ${Object.keys(variants).join(', ')}`)
}

function buildVariant(variant: CollectorVariant, progress: (text: string) => void): void {
  const { manifest: name, file } = variants[variant]
  build(join(import.meta.dirname, name), file, variantFile(variant), progress)
}
