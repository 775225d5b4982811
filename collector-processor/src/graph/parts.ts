import type { AddressBook } from './addresses.ts'
import type { Drops } from './drops.ts'
import type { HostClocks } from './host-clocks.ts'
import type { KnownPeers } from './known-peers.ts'
import type { GraphOptions } from './options.ts'
import type { PendingSpans } from './pending.ts'
import type { KeySeed } from './span-keys.ts'
import type { Tallies } from './tallies.ts'

/** What all that learn from spans have in common. */
export interface GraphParts {
  readonly options: GraphOptions
  readonly seed: KeySeed
  readonly tallies: Tallies
  readonly pending: PendingSpans
  readonly addresses: AddressBook
  readonly peers: KnownPeers
  readonly drops: Drops
  readonly clocks: HostClocks
  /** The string of an id in the batches that come now. */
  readonly nameOf: (id: number) => string
}
