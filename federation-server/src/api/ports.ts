import type { Coordinator } from '../coordinator/coordinator.ts'
import type { Steps } from '../coordinator/steps.ts'
import type { FederationMetrics } from '../metrics.ts'
import type { RunSettings } from '../round/settings.ts'
import type { Store } from '../store/store.ts'
import type { ComputingThread } from '../thread/computing-thread.ts'

/** A run as the API knows it. */
export interface ServedRun {
  readonly name: string
  readonly settings: RunSettings
  /** Pre-steps and rule. */
  readonly aggregator: string
  /** Weights of its network. */
  readonly count: number
}

/** What the handlers work with. */
export interface ApiPorts {
  readonly store: Store
  readonly coordinator: Coordinator
  readonly runs: ReadonlyMap<string, ServedRun>
  readonly metrics: FederationMetrics
  /** Reads updates at the door. */
  readonly reader: Pick<ComputingThread, 'read'>
  readonly steps: Steps
  readonly clock: () => number
  readonly newId: () => string
}
