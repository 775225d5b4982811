import { readFile } from 'node:fs/promises'
import { ClientId, PublicKey } from '@adf/contract/federation'
import { z } from 'zod'

/** `{"CLIENT_ID": "PUBLIC_KEY", …}`: as many as a round can have, and some that have left. */
const Peers = z.record(ClientId, PublicKey).refine((peers) => Object.keys(peers).length <= 10_000, {
  error: 'at most 10000 clients',
})

/**
 * Public keys of enrolment of the other sites, by client id, from a file that their operators agreed on without the server.
 *
 * @throws Error that names the file and what is wrong with it
 */
export async function readPeers(path: string): Promise<ReadonlyMap<string, string>> {
  try {
    return new Map(Object.entries(Peers.parse(JSON.parse(await readFile(path, 'utf8')))))
  } catch (error) {
    const reason =
      error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : ''
    throw new Error(`${path} is no file of peers: ${reason}`, { cause: error })
  }
}
