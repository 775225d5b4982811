import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { join } from 'node:path'
import own from '../package.json' with { type: 'json' }
import { folder } from './settings.ts'

/**
 * Asks Grafana's levitate of each plugin whether what it imports is in the Grafana that it is for. It is fetched when this is called, being three
 * hundred packages that nothing else needs.
 */
const LEVITATE = '@grafana/levitate@0.17.2'
const packages = ['@grafana/data', '@grafana/ui', '@grafana/runtime'] as const
const target = packages.map((name) => `${name}@${own.devDependencies[name]}`).join(',')

for (const path of globSync('src/{.,datasource,panels/*}/module.{ts,tsx}', { cwd: folder }).sort()) {
  process.stdout.write(`${path}\n`)
  const { status } = spawnSync(
    'npx',
    ['--yes', LEVITATE, 'is-compatible', '--path', join('grafana-app-plugin', path), '--target', target],
    // Where the packages of Grafana are installed.
    { cwd: join(folder, '..'), stdio: ['ignore', 'inherit', 'inherit'] },
  )
  if (status !== 0) process.exitCode = 1
}
