import type { TokenAuthority } from '../auth/tokens.ts'
import type { Listener } from '../config/listener.ts'
import { openToStrangers } from './safety.ts'
import { tlsFaults } from './tls.ts'

/**
 * What keeps listeners from their start, as far as the schema cannot know: open to strangers, files of TLS. Every fault with
 * its path.
 *
 * @param listeners by their path in the configuration
 */
export async function listenerFaults(
  listeners: Readonly<Record<string, Listener>>,
  auth: Pick<TokenAuthority, 'required'>,
  insecure: boolean,
): Promise<{ path: string; message: string }[]> {
  const faults: { path: string; message: string }[] = []
  for (const [path, listener] of Object.entries(listeners)) {
    const open = openToStrangers(listener, auth, insecure)
    if (open !== undefined) faults.push({ path: `${path}.host`, message: open })
    for (const { key, message } of await tlsFaults(listener))
      faults.push({ path: `${path}.tls.${key}`, message })
  }
  return faults
}
