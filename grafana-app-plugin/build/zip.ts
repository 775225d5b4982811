import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import own from '../package.json' with { type: 'json' }
import { archiveOf } from './archive.ts'
import { folder } from './settings.ts'

/** Builds the app anew and packs it, as it is installed into Grafana. `--twice` does so twice, and fails when the two differ. */
const build = (): Uint8Array => {
  execFileSync(process.execPath, [join(import.meta.dirname, 'main.ts'), '--force'], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  return archiveOf(join(folder, 'dist/app'), 'adf-app')
}
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

const archive = build()
const file = join(folder, `dist/adf-app-${own.version}.zip`)
writeFileSync(file, archive)
process.stdout.write(`${digest(archive)}  ${file}\n`)
if (process.argv.includes('--twice')) {
  const again = digest(build())
  const same = again === digest(archive)
  process.stdout.write(same ? 'built again: the same\n' : `built again: another one, ${again}\n`)
  if (!same) process.exitCode = 1
}
