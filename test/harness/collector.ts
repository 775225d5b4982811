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
  if (goVersion() === undefined) throw new Error(collectorNeeds)
  mkdirSync(cache(), { recursive: true })
  const folder = temporaryFolder()
  try {
    progress(`building the OpenTelemetry Collector ${VERSION} (once, two to five minutes)`)
    const env = { ...process.env, GOBIN: folder.path, CGO_ENABLED: '0' }
    const builder = `go.opentelemetry.io/collector/cmd/builder@v${VERSION}`
    execFileSync('go', ['install', builder], { env, stdio: ['ignore', 'ignore', 'pipe'] })
    const config = join(folder.path, 'manifest.yaml')
    const built = join(folder.path, 'built')
    writeFileSync(config, readFileSync(manifest, 'utf8').replace(/output_path: .*/, `output_path: ${built}`))
    execFileSync(join(folder.path, 'builder'), ['--config', config], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    // Two at once build twice; whoever renames last wins, and both are whole.
    const copy = `${file}.${process.pid}`
    copyFileSync(join(built, 'otelcol-small'), copy)
    renameSync(copy, file)
    return file
  } finally {
    folder.remove()
  }
}

/** Runs the collector with a configuration (a YAML file), whose `${env:NAME}` come from `env`. */
export function startCollector(
  config: string,
  env: Record<string, string>,
  progress?: (text: string) => void,
): Running {
  return run(collector(progress), ['--config', config], { env })
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

// As a program it builds: that blocks for minutes, which a test worker may not.
if (import.meta.main) collector((text) => process.stderr.write(`${text}\n`))
