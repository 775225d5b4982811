// Licences of what is shipped: the production dependencies of every workspace, and what is built into the pages of the Grafana app. Reads the
// lock file and node_modules alone; prints each package that is not on the list, and fails then.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { shipped } from './shipped.mjs'

/** They ask for no more than that their notice is kept. */
const ALLOWED = new Set([
  'MIT',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  '0BSD',
  'Unlicense',
  'CC0-1.0',
  'BlueOak-1.0.0',
])
/** Say it in a file LICENSE alone. */
const IN_A_FILE = { 'fast-shallow-equal': 'Unlicense', 'react-universal-interface': 'Unlicense' }
/** `MIT OR GPL-2.0` needs one that is allowed, `MIT AND Apache-2.0` all. */
function isAllowed(expression) {
  if (typeof expression !== 'string') return false
  const bare = expression.replaceAll(/[()]/g, '')
  return bare
    .split(/ OR /)
    .some((choice) => choice.split(/ AND /).every((licence) => ALLOWED.has(licence.trim())))
}

/** Of the package as it is installed; what the lock file says where it is not, on another platform. */
function licenceOf(root, path, locked) {
  const file = join(root, path, 'package.json')
  const said = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).license : locked
  return said ?? IN_A_FILE[path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)]
}

function main(root) {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const paths = shipped(lock)
  const faults = paths
    .map((path) => ({ path, licence: licenceOf(root, path, lock.packages[path].license) }))
    .filter(({ licence }) => !isAllowed(licence))
  for (const { path, licence } of faults)
    process.stdout.write(
      `${path.slice('node_modules/'.length)} has the licence ${JSON.stringify(licence) ?? 'none'}, which is not on the list of scripts/licences.mjs\n`,
    )
  if (faults.length === 0) process.stdout.write(`note: ${paths.length} packages\n`)
  return faults.length === 0 ? 0 : 1
}

process.exitCode = main(process.argv[2] ?? dirname(dirname(fileURLToPath(import.meta.url))))
