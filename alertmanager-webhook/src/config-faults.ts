import { listenerFaults, readKeys, TokenAuthority } from '@adf/service'
import type { Config } from './config.ts'

/** What keeps a webhook with this configuration from its start, as far as the schema cannot know: every fault with its path. */
export async function configFaults(
  { api, auth, feedback }: Config,
  { insecure }: { insecure: boolean },
): Promise<{ path: string; message: string }[]> {
  const faults = await listenerFaults({ api }, new TokenAuthority(auth.tokens), insecure)
  await readKeys('feedback', feedback).catch((error: unknown) =>
    faults.push({ path: 'feedback', message: error instanceof Error ? error.message : String(error) }),
  )
  return faults
}
