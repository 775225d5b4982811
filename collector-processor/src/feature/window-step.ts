import { QuantileSketch } from '@adf/detectors'
import { TemplateMix } from './template-mix.ts'

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
  readonly templates = new TemplateMix()

  clear(): void {
    this.requests = 0
    this.failures = 0
    this.logs = 0
    this.errorLogs = 0
    this.arrivalMs = 0
    this.latency.clear()
    this.templates.clear()
  }
}

const KEPT = 5000

/**
 * The steps of all entities: at most `limit` in use at once, and those that are not in use any more are kept for the next,
 * so that a busy system allocates none.
 */
export class StepPool {
  readonly #free: WindowStep[] = []
  readonly #limit: number
  #used = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Undefined when the limit is reached. */
  take(index: number): WindowStep | undefined {
    if (this.#used >= this.#limit) return undefined
    this.#used++
    const step = this.#free.pop() ?? new WindowStep()
    step.index = index
    return step
  }

  give(step: WindowStep): void {
    this.#used--
    if (this.#free.length >= KEPT) return
    step.clear()
    this.#free.push(step)
  }
}
