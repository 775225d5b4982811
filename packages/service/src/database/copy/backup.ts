import { access, rename, rm } from 'node:fs/promises'
import type { Kysely } from 'kysely'
import { DatabaseError } from '../error.ts'
import { openDatabase } from '../open.ts'
import { type CopiedTable, type CopyOptions, copyDatabase } from './copy.ts'

/**
 * Writes a copy of a database that may be in use into a new SQLite file, whatever its engine: as it is at one moment. Of an
 * SQLite file by SQLite's own online backup, page by page. The file has its name once it is whole. Rejects with a
 * DatabaseError when there is a file of that name.
 */
export async function backUp(options: {
  source: Kysely<unknown>
  /** Of the source, when it is SQLite. */
  path: string | undefined
  file: string
  names: CopyOptions['names']
  migrations: CopyOptions['migrations']
  progress?: CopyOptions['progress']
}): Promise<CopiedTable[] | undefined> {
  const { path, file, source, names, migrations, progress } = options
  const there = await access(file).then(
    () => true,
    () => false,
  )
  if (there) throw new DatabaseError(`${file} is there already; give the backup another name`)
  const partial = `${file}.partial`
  await removeDatabase(partial)
  try {
    const copied =
      path === undefined
        ? await exported(partial, { source, names, migrations, ...(progress && { progress }) })
        : await copiedOnline(path, partial)
    await rename(partial, file)
    return copied
  } catch (error) {
    await removeDatabase(partial)
    throw error
  }
}

async function exported(partial: string, options: Omit<CopyOptions, 'target'>): Promise<CopiedTable[]> {
  const target = await openDatabase<unknown>({ path: partial })
  try {
    return await copyDatabase({ ...options, target })
  } finally {
    // Takes the write-ahead log into the file.
    await target.destroy()
  }
}

async function copiedOnline(path: string, partial: string): Promise<undefined> {
  const { default: Sqlite } = await import('better-sqlite3')
  const database = new Sqlite(path, { readonly: true, fileMustExist: true })
  try {
    await database.backup(partial)
  } finally {
    database.close()
  }
  const copy = new Sqlite(partial)
  try {
    const sound = copy.pragma('integrity_check', { simple: true })
    if (sound !== 'ok')
      throw new DatabaseError(`${path} is damaged (${String(sound)}); there is no backup of it`)
  } finally {
    copy.close()
  }
}

const removeDatabase = async (path: string): Promise<void> => {
  for (const suffix of ['', '-wal', '-shm']) await rm(`${path}${suffix}`, { force: true })
}
