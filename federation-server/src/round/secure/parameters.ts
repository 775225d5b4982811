import type { SecureParameters } from '@adf/contract/federation'
import type { RunSettings } from '../settings.ts'

/**
 * What the clients of a round agree on. The threshold is the share that is configured, at least `minClients`, and always more than half: with less the
 * list of survivors protects nothing.
 *
 * @param clients that were selected @param length values of an update
 */
export function parametersOf(
  { masking, minClients }: Pick<RunSettings, 'masking' | 'minClients'>,
  { clients, base, length }: { clients: number; base: number; length: number },
): SecureParameters {
  const share = Math.ceil(masking.threshold * clients)
  const threshold = Math.min(clients, Math.max(minClients, share, Math.floor(clients / 2) + 1))
  return { base, clients, threshold, length, clip: masking.clip, sample_cap: masking.sampleCap }
}
