import { setTimeout } from 'node:timers/promises'
import type { FaultName } from '../faults/catalogue.ts'
import { logNormal, type Random } from './random.ts'
import { ServiceFailure } from './service.ts'

const LATENCY_MS = 500
const ERROR_SHARE = 0.5
const NETWORK_MS_EACH_WAY = 250
/** Of every 100 ms the busy loop takes so many: the process still serves, some times slower. */
const BUSY_MS = 85

/** The fault that is on in this process, and what it does to a request. */
export class ActiveFault {
  readonly #random: Random
  #fault: FaultName | null = null
  #busy: NodeJS.Timeout | undefined

  constructor(random: Random) {
    this.#random = random
  }

  get name(): FaultName | null {
    return this.#fault
  }

  get networkDelayMs(): number {
    return this.#fault === 'network' ? NETWORK_MS_EACH_WAY : 0
  }

  set(fault: FaultName | null): void {
    this.#fault = fault
    clearInterval(this.#busy)
    if (fault === 'cpu') {
      this.#busy = setInterval(() => {
        const end = performance.now() + BUSY_MS
        while (performance.now() < end);
      }, 100)
    }
  }

  /** Before the handler's own work. */
  async meet(): Promise<void> {
    if (this.#fault === 'latency') await setTimeout(logNormal(this.#random, LATENCY_MS, 0.1))
    if (this.#fault === 'error' && this.#random() < ERROR_SHARE) throw new ServiceFailure('no lock on shard')
  }
}
