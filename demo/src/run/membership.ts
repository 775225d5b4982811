import { join } from 'node:path'
import type { StreamName } from '../simulate/events.ts'

/** What the sites of the demo's federation learn together. */
export const FEDERATED_STREAM: StreamName = 'server_metrics'
/** The kind of network. It is the least to train, and knows what goes with what. */
export const FEDERATED_NETWORK = 'autoencoder'

/** How a processor comes into the federation. */
export interface Membership {
  /** Of the federation server. */
  readonly url: string
  /** What the site is called. */
  readonly name: string
  /** One-time. */
  readonly token: string
}

/** The section `federation` of a processor's configuration. @param folder where the site keeps its key */
export const federationSection = ({ url, name, token }: Membership, folder: string) => ({
  enabled: true,
  url,
  name,
  token,
  streams: [FEDERATED_STREAM],
  state: join(folder, 'site'),
  // Someone is watching: a round shall be seen soon after there is something to learn from.
  poll_interval: '1s',
  // A fifth of what is usual: the shop has a fault to show meanwhile, and a round every half a minute is enough to watch.
  cpu_budget: 0.02,
})
