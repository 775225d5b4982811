import { spawnSync } from 'node:child_process'
import { cpSync, globSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import own from '../package.json' with { type: 'json' }
import { folder } from './settings.ts'

/**
 * Asks Grafana's levitate whether what the plugins import is in a Grafana: the one that they are for, or `npm run plugin:compatible -- VERSION`. It
 * is fetched when this is called, being many packages that nothing else needs.
 */
const LEVITATE = '@grafana/levitate@0.17.2'
const packages = ['@grafana/data', '@grafana/ui', '@grafana/runtime'] as const
const [version] = process.argv.slice(2)
const target = packages.map((name) => `${name}@${version ?? own.devDependencies[name]}`).join(',')

// It does not see what a workspace of npm has installed, and passes over what it does not see: hence a project of its own.
const project = mkdtempSync(join(tmpdir(), 'adf-compatible-'))
try {
  cpSync(join(folder, 'src'), join(project, 'src'), {
    recursive: true,
    filter: (path) => !/\.test\.tsx?$|\/testing$/.test(path),
  })
  symlinkSync(join(folder, '../node_modules'), join(project, 'node_modules'))
  const dependencies = Object.fromEntries(packages.map((name) => [name, own.devDependencies[name]]))
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'adf', private: true, dependencies }))
  const modules = globSync('src/{.,datasource,panels/*}/module.{ts,tsx}', { cwd: project }).sort()
  writeFileSync(join(project, 'all.ts'), modules.map((path) => `import './${path}'\n`).join(''))
  const { status, stdout, stderr } = spawnSync(
    'npx',
    ['--yes', LEVITATE, 'is-compatible', '--path', 'all.ts', '--target', target],
    { cwd: project, encoding: 'utf8' },
  )
  process.stdout.write(stdout)
  process.stderr.write(stderr)
  const unseen = /Skipping package|Could not (process|retrieve)/.test(stdout + stderr)
  if (unseen) process.stderr.write('levitate has left something out: this says nothing\n')
  process.exitCode = status === 0 && !unseen ? 0 : 1
} finally {
  rmSync(project, { recursive: true, force: true })
}
