import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { type Zippable, zipSync } from 'fflate'

/** The first moment that a zip archive can tell. */
const EPOCH = new Date(1980, 0, 1)

/** A folder as a zip archive, below `name`, as Grafana's plugin installer wants it. The same files give the same bytes: names are in order, and all are of one time. */
export function archiveOf(folder: string, name: string): Uint8Array {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, inArchive: [name, ...relative(folder, path).split(sep)].join('/') }))
    .sort((a, b) => (a.inArchive < b.inArchive ? -1 : 1))
  const entries: Zippable = Object.fromEntries(
    files.map(({ path, inArchive }) => [inArchive, [new Uint8Array(readFileSync(path)), { mtime: EPOCH }]]),
  )
  return zipSync(entries, { level: 9, mtime: EPOCH })
}
