import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type MultiStats, rspack } from '@rspack/core'
import { app } from './app.ts'
import { host } from './host.ts'
import { digestOfInputs } from './inputs.ts'
import { folder } from './settings.ts'

/** Builds the app and the console's page into `dist/`, unless what is there was made of the same inputs. `--force` builds in any case. */
const stamp = join(folder, 'dist/built-from')
const digest = digestOfInputs()
if (process.argv.includes('--force') || builtFrom() !== digest) {
  process.stderr.write('Building the pages (once) …\n')
  const stats = await build()
  if (stats.hasErrors()) {
    process.stderr.write(`${stats.toString({ preset: 'errors-only', colors: false })}\n`)
    process.exitCode = 1
  } else {
    mkdirSync(join(folder, 'dist'), { recursive: true })
    writeFileSync(stamp, digest)
  }
}

function builtFrom(): string | undefined {
  try {
    return readFileSync(stamp, 'utf8')
  } catch {
    return undefined
  }
}

function build(): Promise<MultiStats> {
  const compiler = rspack([app, host])
  return new Promise((resolve, reject) => {
    compiler.run((error, stats) => {
      compiler.close(() => {
        if (error !== null || stats === undefined) reject(error)
        else resolve(stats)
      })
    })
  })
}
