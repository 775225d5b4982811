import type { Component } from './component.ts'

export interface Readiness {
  readonly ready: boolean
  /** Why not, in words. */
  readonly reasons: readonly string[]
}

/** Whether a service can take work. The last component to start and the first to stop: it can in between, while it has no fault. */
export class ReadinessSwitch implements Component {
  readonly name = 'readiness'
  readonly #fault: () => string | undefined
  #on = false

  /** @param fault what keeps the service from work now, in words */
  constructor(fault: () => string | undefined) {
    this.#fault = fault
  }

  state(): Readiness {
    const fault = this.#fault()
    const reasons = [...(this.#on ? [] : ['starting or stopping']), ...(fault === undefined ? [] : [fault])]
    return { ready: reasons.length === 0, reasons }
  }

  async start(): Promise<void> {
    this.#on = true
  }

  async stop(): Promise<void> {
    this.#on = false
  }
}
