// Makes, once, what the containers share and nobody has to know: the key of one-click links and the passwords of PostgreSQL and Grafana. In a
// volume that only they mount, never in a file of the repository.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder = '/run/adf'] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
for (const name of ['feedback.key', 'postgres.password', 'grafana.password']) {
  const file = join(folder, name)
  if (existsSync(file)) continue
  // PostgreSQL and Grafana read theirs as users of their own.
  writeFileSync(`${file}.new`, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o644 })
  renameSync(`${file}.new`, file)
}
