import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StartFault } from '../lifecycle/start-fault.ts'

/** Shorter ones could be guessed. */
const SHORTEST_KEY = 32
const MOST_KEYS = 2

/** Where keys that two services share come from: one in the configuration, or a file with a key on each line. */
export interface KeySource {
  readonly secret?: string | undefined
  readonly secret_file?: string | undefined
}

/**
 * The keys, the one that signs first; a second one is still good for reading while it is replaced. None where none are configured.
 *
 * @param path of the section in the configuration, for messages @throws StartFault
 */
export async function readKeys(path: string, { secret, secret_file }: KeySource): Promise<string[]> {
  if (secret_file === undefined) return secret === undefined ? [] : checked(`${path}.secret`, [secret])
  let text: string
  try {
    text = await readFile(secret_file, 'utf8')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new StartFault(`${path}.secret_file ${secret_file} cannot be read: ${reason}`)
  }
  const lines = text.split('\n').map((line) => line.trim())
  return checked(
    `${path}.secret_file ${secret_file}`,
    lines.filter((line) => line !== ''),
  )
}

/** Makes the file with a random key, for nobody else to read, unless it is there. */
export async function ensureKeyFile(file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  try {
    await writeFile(file, `${randomBytes(32).toString('base64url')}\n`, {
      mode: 0o600,
      flag: 'wx',
      flush: true,
    })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}

function checked(where: string, keys: string[]): string[] {
  if (keys.length === 0) throw new StartFault(`${where} has no key; \`openssl rand -base64 32\` makes one`)
  if (keys.length > MOST_KEYS)
    throw new StartFault(
      `${where} has ${keys.length} keys: at most the new one and, on the next line, the old one`,
    )
  for (const [at, key] of keys.entries())
    if (key.length < SHORTEST_KEY)
      throw new StartFault(
        `${where}: key ${at + 1} has ${key.length} characters, at least ${SHORTEST_KEY} are needed; \`openssl rand -base64 32\` makes one`,
      )
  return keys
}
