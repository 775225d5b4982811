import { readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { RunName } from '@adf/contract/federation'
import { z } from 'zod'
import type { ClientState, Identity, RunMemory } from './client-state.ts'
import { syncFolder, writeDurably } from './durable-file.ts'
import { decodeRun, encodeRun } from './run-file.ts'

const IDENTITY = 'identity.json'
const RUN = '.run'

const IdentityFile = z.strictObject({
  name: z.string(),
  privateKey: z.string(),
  nextPrivateKey: z.string().optional(),
  clientId: z.string().optional(),
  sampleCap: z.int().min(1).optional(),
})

/**
 * Remembers in a folder of its own: `identity.json` with the private key, and a file for each run. They are readable by their owner only.
 * A file that cannot be read gets the ending `.unreadable`, in place of an older one.
 */
export class FileState implements ClientState {
  readonly #folder: string
  readonly #warn: (message: string, error: unknown) => void

  /** @param warn told of what was put aside */
  constructor(folder: string, warn: (message: string, error: unknown) => void) {
    this.#folder = folder
    this.#warn = warn
  }

  loadIdentity(): Promise<Identity | undefined> {
    return this.#read(IDENTITY, (bytes) => IdentityFile.parse(JSON.parse(bytes.toString('utf8'))))
  }

  async saveIdentity(identity: Identity): Promise<void> {
    await writeDurably(join(this.#folder, IDENTITY), Buffer.from(`${JSON.stringify(identity, null, 2)}\n`))
  }

  async runs(): Promise<readonly string[]> {
    const files = await missingAs([], () => readdir(this.#folder))
    const names = files.filter((file) => file.endsWith(RUN)).map((file) => file.slice(0, -RUN.length))
    return names.filter((name) => RunName.safeParse(name).success).sort()
  }

  loadRun(run: string): Promise<RunMemory | undefined> {
    return this.#read(fileOf(run), decodeRun)
  }

  async saveRun(run: string, memory: RunMemory): Promise<void> {
    await writeDurably(join(this.#folder, fileOf(run)), encodeRun(memory))
  }

  async forgetRun(run: string): Promise<void> {
    const path = join(this.#folder, fileOf(run))
    if (await missingAs(false, () => rm(path).then(() => true))) await syncFolder(this.#folder)
  }

  async #read<T>(file: string, decode: (bytes: Buffer) => T): Promise<T | undefined> {
    const path = join(this.#folder, file)
    const bytes = await missingAs(undefined, () => readFile(path))
    if (bytes === undefined) return undefined
    try {
      return decode(bytes)
    } catch (error) {
      await rename(path, `${path}.unreadable`)
      await syncFolder(this.#folder)
      this.#warn(`${path} cannot be read; it was renamed to ${file}.unreadable`, error)
      return undefined
    }
  }
}

/** The contract's names cannot leave the folder; whatever else is passed could. */
const fileOf = (run: string): string => `${RunName.parse(run)}${RUN}`

async function missingAs<T>(instead: T, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return instead
    throw error
  }
}
