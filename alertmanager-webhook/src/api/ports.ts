import type { WebhookMetrics } from '../metrics.ts'
import type { Store } from '../store/store.ts'

interface PeerStatus {
  readonly url: string
  readonly reachable: boolean
  readonly error: string | null
}

/** What the handlers work with. */
export interface ApiPorts {
  readonly store: Store
  readonly metrics: WebhookMetrics
  /** Alertmanagers that are asked for silences, as they answered last. */
  readonly alertmanagers: () => readonly PeerStatus[]
  /** As they answered last. */
  readonly processors: () => readonly PeerStatus[]
  readonly clock: () => number
  readonly newId: () => string
}
