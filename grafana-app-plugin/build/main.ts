import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type MultiStats, rspack } from '@rspack/core'
import { host } from './host.ts'
import { digestOfInputs } from './inputs.ts'
import { plugins } from './plugins.ts'
import { folder } from './settings.ts'

/** Builds the app, its nested plugins and the console's page into `dist/`, unless what is there was made of the same inputs. `--force` builds in any case. */
const stamp = join(folder, 'dist/built-from')
const digest = digestOfInputs()
if (process.argv.includes('--force') || builtFrom() !== digest) {
  process.stderr.write('Building the pages (once) …\n')
  // The app's folder has those of the nested plugins in it: no build of them may clean it.
  rmSync(join(folder, 'dist/app'), { recursive: true, force: true })
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
  const compiler = rspack([...plugins, host])
  return new Promise((resolve, reject) => {
    compiler.run((error, stats) => {
      compiler.close(() => {
        if (error !== null || stats === undefined) reject(error)
        else resolve(stats)
      })
    })
  })
}
