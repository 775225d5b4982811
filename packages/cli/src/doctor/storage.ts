import { constants } from 'node:fs'
import { access, open, stat, statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import {
  DatabaseError,
  type DatabasePlace,
  examinePostgres,
  nameOfPlace,
  type PostgresPlace,
} from '@adf/service'
import { reason } from '../files/open.ts'
import { type Finding, fault, ok, warning } from './finding.ts'

const GIB = 2 ** 30
const LITTLE = GIB
const TOO_LITTLE = 100 * 2 ** 20
const SQLITE = 'SQLite format 3\0'

/** The store: does its server let us in, or can its file be written, is it one, is there room. */
export const checkStore = (place: DatabasePlace): Promise<Finding[]> =>
  place.url === undefined ? checkFile(place.path) : checkServer(place)

async function checkServer(place: PostgresPlace): Promise<Finding[]> {
  try {
    await examinePostgres(place)
    return [ok('store', `${nameOfPlace(place)} lets us in and takes writes`)]
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error
    return [fault('store', error.message, 'docs/database.md lists what PostgreSQL must offer')]
  }
}

async function checkFile(path: string): Promise<Finding[]> {
  if (path === ':memory:')
    return [
      warning('store', 'store.path is :memory:: nothing outlives the process', 'set store.path to a file'),
    ]
  const file = resolve(path)
  const folder = await existing(dirname(file))
  try {
    await access(folder, constants.W_OK | constants.X_OK)
    if (await isFile(file)) {
      await access(file, constants.R_OK | constants.W_OK)
      const head = await firstBytes(file)
      if (head !== '' && head !== SQLITE)
        return [fault('store', `${file} is no SQLite database`, 'set store.path to another file')]
    }
  } catch (error) {
    return [
      fault(
        'store',
        `${file} cannot be written (${reason(error)})`,
        'set store.path, or give the user of ADF the right',
      ),
    ]
  }
  return [ok('store', `${file} can be written`), await checkSpace(folder)]
}

async function checkSpace(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  const text = `${(free / GIB).toFixed(1)} GiB free in ${folder}`
  const advice = 'make room, shorten store.retention or set store.path'
  if (free < TOO_LITTLE) return fault('disk', text, advice)
  return free < LITTLE ? warning('disk', text, advice) : ok('disk', text)
}

/** The folder, or the nearest above it that is there: ADF makes the others. */
async function existing(folder: string): Promise<string> {
  try {
    await stat(folder)
    return folder
  } catch {
    return dirname(folder) === folder ? folder : existing(dirname(folder))
  }
}

const isFile = (path: string) =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  )

async function firstBytes(path: string): Promise<string> {
  const handle = await open(path)
  try {
    const { bytesRead, buffer } = await handle.read(new Uint8Array(16), 0, 16, 0)
    return Buffer.from(buffer.subarray(0, bytesRead)).toString('latin1')
  } finally {
    await handle.close()
  }
}
