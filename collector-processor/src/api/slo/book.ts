import type { SloReport } from '@adf/contract'
import type { Requests } from './requests.ts'

const MINUTE = 60_000
const KEPT = 360
const windows = [
  ['5m', 5],
  ['1h', 60],
  ['6h', 360],
] as const

/** Requests and failures in each of the last 360 minutes; minute m is at m % 360. */
interface Ring {
  readonly total: Float64Array
  readonly failed: Float64Array
  lastMs: number
}

/**
 * Requests of each service by the minute in which they were observed, and burn rates made of them. A window is the current
 * minute and the whole ones before it. Memory: 5.8 kB for each service that served a request within six hours.
 */
export class SloBook {
  readonly #objective: number
  readonly #objectives: Readonly<Record<string, number>>
  readonly #rings = new Map<string, Ring>()
  #seen = new Map<string, Requests>()
  #minute: number
  readonly #sinceMs: number
  #first = true

  constructor(options: { objective: number; services: Readonly<Record<string, number>>; nowMs: number }) {
    this.#objective = options.objective
    this.#objectives = options.services
    this.#sinceMs = options.nowMs
    this.#minute = Math.floor(options.nowMs / MINUTE)
  }

  /** Takes the counters as they are now. Call it several times a minute. What they showed the first time is not of any minute. */
  observe(requests: Iterable<Requests>, nowMs: number): void {
    this.#advance(nowMs)
    const seen = new Map<string, Requests>()
    for (const now of requests) {
      seen.set(now.key, now)
      const before = this.#seen.get(now.key)
      if (this.#first) continue
      const again = before === undefined || now.total < before.total
      this.#add(
        now.service,
        again ? now.total : now.total - before.total,
        again ? now.failed : Math.max(0, now.failed - before.failed),
        nowMs,
      )
    }
    this.#seen = seen
    this.#first = false
  }

  report(nowMs: number): SloReport {
    this.#advance(nowMs)
    return {
      at: new Date(nowMs).toISOString(),
      since: new Date(Math.max(this.#sinceMs, (this.#minute - KEPT + 1) * MINUTE)).toISOString(),
      services: [...this.#rings.keys()].sort().map((service) => {
        const objective = this.#objectives[service] ?? this.#objective
        return {
          service,
          objective,
          windows: windows.map(([name, minutes]) => this.#window(service, name, minutes, objective)),
        }
      }),
    }
  }

  #window(service: string, window: '5m' | '1h' | '6h', minutes: number, objective: number) {
    const ring = this.#rings.get(service)
    let total = 0
    let failed = 0
    for (let minute = this.#minute - minutes + 1; ring !== undefined && minute <= this.#minute; minute++) {
      total += ring.total[slot(minute)]!
      failed += ring.failed[slot(minute)]!
    }
    const good = total - failed
    return {
      window,
      total,
      good,
      ratio: total === 0 ? null : good / total,
      burn_rate: total === 0 ? null : failed / total / (1 - objective),
    }
  }

  #add(service: string, total: number, failed: number, nowMs: number): void {
    let ring = this.#rings.get(service)
    if (ring === undefined) {
      ring = { total: new Float64Array(KEPT), failed: new Float64Array(KEPT), lastMs: nowMs }
      this.#rings.set(service, ring)
    }
    if (total === 0) return
    ring.lastMs = nowMs
    ring.total[slot(this.#minute)]! += total
    ring.failed[slot(this.#minute)]! += Math.min(failed, total)
  }

  /** Empties the minutes that begin, and forgets services without a request in any that is kept. */
  #advance(nowMs: number): void {
    const minute = Math.floor(nowMs / MINUTE)
    if (minute <= this.#minute) return
    for (const [service, ring] of this.#rings) {
      if (Math.floor(ring.lastMs / MINUTE) <= minute - KEPT) {
        this.#rings.delete(service)
        continue
      }
      for (let m = Math.max(this.#minute + 1, minute - KEPT + 1); m <= minute; m++) {
        ring.total[slot(m)] = 0
        ring.failed[slot(m)] = 0
      }
    }
    this.#minute = minute
  }
}

const slot = (minute: number) => ((minute % KEPT) + KEPT) % KEPT
