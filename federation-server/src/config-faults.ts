import { listenerFaults, TokenAuthority } from '@adf/service'
import type { Config } from './config.ts'

/** What keeps a server with this configuration from its start, as far as the schema cannot know: every fault with its path. */
export async function configFaults(
  { api, auth }: Config,
  { insecure }: { insecure: boolean },
): Promise<{ path: string; message: string }[]> {
  return listenerFaults({ api }, new TokenAuthority(auth.tokens), insecure)
}
