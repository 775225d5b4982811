import type { Measure } from './measure.ts'
import type { Objective } from './objective.ts'
import type { ServiceRequests } from './service-requests.ts'
import type { BurnAlert } from './windows.ts'

/** An objective, what is counted for it, and where the counts come from. */
export interface Subject {
  readonly objective: Objective
  readonly measure: Measure
  readonly requests: ServiceRequests
}

export interface FiringAlert {
  readonly alert: BurnAlert
  readonly sinceMs: number
}
