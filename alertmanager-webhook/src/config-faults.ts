import { openToStrangers, readKeys, TokenAuthority, tlsFaults } from '@adf/service'
import type { Config } from './config.ts'

/** What keeps a webhook with this configuration from its start, as far as the schema cannot know: every fault with its path. */
export async function configFaults(
  { api, auth, feedback }: Config,
  { insecure }: { insecure: boolean },
): Promise<{ path: string; message: string }[]> {
  const faults: { path: string; message: string }[] = []
  const open = openToStrangers(api, new TokenAuthority(auth.tokens), insecure)
  if (open !== undefined) faults.push({ path: 'api.host', message: open })
  for (const { key, message } of await tlsFaults(api)) faults.push({ path: `api.tls.${key}`, message })
  await readKeys('feedback', feedback).catch((error: unknown) =>
    faults.push({ path: 'feedback', message: error instanceof Error ? error.message : String(error) }),
  )
  return faults
}
