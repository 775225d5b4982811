import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { dashboards } from './index.ts'

/** Writes the dashboards of provisioning/grafana; with `--check` it only says which are not current. */
const root = join(import.meta.dirname, '../..')
const folder = join(root, 'provisioning/grafana/dashboards')
const check = process.argv.includes('--check')
mkdirSync(folder, { recursive: true })
for (const [name, dashboard] of Object.entries(dashboards)) {
  const file = join(folder, `${name}.json`)
  const text = `${JSON.stringify(dashboard.build(), null, 2)}\n`
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue
  if (check) {
    process.stderr.write(`${relative(root, file)} is not current: npm run dashboards\n`)
    process.exitCode = 1
  } else writeFileSync(file, text)
}
