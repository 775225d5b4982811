import { QuantileSketch } from '@adf/detectors'

/** What happened to one entity within one step. Reused: `clear` keeps the memory of the sketch. */
export class WindowStep {
  index = 0
  requests = 0
  failures = 0
  logs = 0
  errorLogs = 0
  /** Latest arrival of what is in here; 0 when nothing is. */
  arrivalMs = 0
  readonly latency = new QuantileSketch()

  clear(): void {
    this.requests = 0
    this.failures = 0
    this.logs = 0
    this.errorLogs = 0
    this.arrivalMs = 0
    this.latency.clear()
  }
}

/** Steps that are not in use, shared by all entities so that a busy system allocates none. */
export class StepPool {
  readonly #free: WindowStep[] = []
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  take(index: number): WindowStep {
    const step = this.#free.pop() ?? new WindowStep()
    step.index = index
    return step
  }

  give(step: WindowStep): void {
    if (this.#free.length >= this.#limit) return
    step.clear()
    this.#free.push(step)
  }
}
