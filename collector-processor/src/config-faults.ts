import { listenerFaults, readKeys, TokenAuthority } from '@adf/service'
import type { Config } from './config.ts'
import { clientTlsFaults } from './deliver/forward-tls.ts'
import { readPeers } from './federation/peers.ts'
import { readObjectives } from './slo/objectives.ts'

/** What keeps a processor with this configuration from its start, as far as the schema cannot know: every fault with its path. */
export async function configFaults(
  config: Config,
  { insecure }: { insecure: boolean },
): Promise<{ path: string; message: string }[]> {
  const auth = new TokenAuthority(config.auth.tokens)
  const { receiver, kafka, api, deliver, federation } = config
  const listeners = { 'receiver.grpc': receiver.grpc, 'receiver.http': receiver.http, api }
  const faults = await listenerFaults(listeners, auth, insecure)
  for (const [at, { tls }] of deliver.forward.entries()) {
    for (const { key, message } of await clientTlsFaults(tls))
      faults.push({ path: `deliver.forward[${at}].tls.${key}`, message })
  }
  for (const { key, message } of await clientTlsFaults(kafka.tls))
    faults.push({ path: `kafka.tls.${key}`, message })
  for (const { key, message } of await clientTlsFaults(federation.tls))
    faults.push({ path: `federation.tls.${key}`, message })
  faults.push(...readObjectives(config.slo).faults)
  await readKeys('deliver.feedback', deliver.feedback).catch((error: unknown) =>
    faults.push({
      path: 'deliver.feedback',
      message: error instanceof Error ? error.message : String(error),
    }),
  )
  if (federation.enabled && federation.peers_file !== undefined)
    await readPeers(federation.peers_file).catch((error: unknown) =>
      faults.push({
        path: 'federation.peers_file',
        message: error instanceof Error ? error.message : String(error),
      }),
    )
  return faults
}
