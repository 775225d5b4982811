import type { Component } from './component.ts'

export interface Readiness {
  readonly ready: boolean
  /** Why not, in words. */
  readonly reasons: readonly string[]
  /** What it does without, though it can take work, in words. */
  readonly degraded?: string
}

/** Whether a service can take work. The last component to start and the first to stop: it can in between, while it has no fault. */
export class ReadinessSwitch implements Component {
  readonly name = 'readiness'
  readonly #fault: () => string | undefined
  readonly #degraded: () => string | undefined
  #on = false

  /** @param fault what keeps the service from work now, in words @param degraded what it does without meanwhile */
  constructor(fault: () => string | undefined, degraded: () => string | undefined = () => undefined) {
    this.#fault = fault
    this.#degraded = degraded
  }

  state(): Readiness {
    const fault = this.#fault()
    const reasons = [...(this.#on ? [] : ['starting or stopping']), ...(fault === undefined ? [] : [fault])]
    const degraded = this.#degraded()
    return { ready: reasons.length === 0, reasons, ...(degraded !== undefined && { degraded }) }
  }

  async start(): Promise<void> {
    this.#on = true
  }

  async stop(): Promise<void> {
    this.#on = false
  }
}
