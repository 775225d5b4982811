export interface DutyCycleOptions {
  /** Of one core, above 0, at most 1. */
  readonly share: number
  /** Processor time since the thread began, ms. */
  readonly cpuMs: () => number
  /** Time since the thread began, ms. */
  readonly wallMs: () => number
  readonly sleep: (ms: number) => Promise<void>
}

/** Rests shorter than it are saved up: each costs a timer. */
const SHORTEST_MS = 20

/**
 * Keeps a thread within its share of a core: whoever works calls `rest` between two pieces of it, which sleeps for as long as the
 * processor time used so far asks for, loading TensorFlow.js included. Time in which others held the core, or that a piece waited, is not slept again.
 */
export class DutyCycle {
  readonly #options: DutyCycleOptions

  constructor(options: DutyCycleOptions) {
    this.#options = options
  }

  readonly rest = async (): Promise<void> => {
    const { share, cpuMs, wallMs, sleep } = this.#options
    const owedMs = cpuMs() / share - wallMs()
    if (owedMs >= SHORTEST_MS) await sleep(owedMs)
  }
}
