import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { folder } from './settings.ts'

const root = join(folder, '..')
const FOLDERS = [
  'grafana-app-plugin/src',
  'grafana-app-plugin/host/page',
  'grafana-app-plugin/build',
  'packages/contract/src',
]

/** Digest of all that the build reads: another one means that it must be built again. */
export function digestOfInputs(): string {
  const hash = createHash('sha256')
  const files = [join(root, 'package-lock.json'), ...FOLDERS.flatMap((each) => filesOf(join(root, each)))]
  for (const file of files.sort())
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0')
  return hash.digest('hex')
}

const filesOf = (path: string): string[] =>
  readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
