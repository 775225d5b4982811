export interface DutyCycleOptions {
  /** Of one core, above 0, at most 1. */
  readonly share: number
  /** Processor time of this thread, ms. */
  readonly cpuMs: () => number
  /** Monotonic, ms. */
  readonly wallMs: () => number
  readonly sleep: (ms: number) => Promise<void>
}

/** Rests shorter than it are saved up: each costs a timer. */
const SHORTEST_MS = 20

/**
 * Keeps a thread within its share of a core: whoever works calls `rest` between two pieces of it, which sleeps for as long as the
 * processor time used so far asks for. Time in which others held the core, or that a piece waited, is not slept again.
 */
export class DutyCycle {
  readonly #options: DutyCycleOptions
  readonly #cpu0: number
  readonly #wall0: number

  constructor(options: DutyCycleOptions) {
    this.#options = options
    this.#cpu0 = options.cpuMs()
    this.#wall0 = options.wallMs()
  }

  /** Processor time since the start, ms. */
  get usedMs(): number {
    return this.#options.cpuMs() - this.#cpu0
  }

  readonly rest = async (): Promise<void> => {
    const { share, wallMs, sleep } = this.#options
    const owedMs = this.usedMs / share - (wallMs() - this.#wall0)
    if (owedMs >= SHORTEST_MS) await sleep(owedMs)
  }
}
