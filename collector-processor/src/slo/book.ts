import type { Measure } from './measure.ts'
import { DEFAULT_NAME, type Indicator, type Objective } from './objective.ts'
import { THIRTY_DAYS } from './period.ts'
import { ServiceRequests } from './service-requests.ts'

export interface Defaults {
  /** Target of services without an objective of their own. */
  readonly objective: number
  /** Target by service. */
  readonly services: Readonly<Record<string, number>>
}

const AVAILABILITY: Indicator = { kind: 'availability' }

/**
 * The services whose requests are counted: those of the documents from the start, others when their first request is seen,
 * up to `maxServices` in all. A service that no document gives an availability has the default one.
 */
export class Book {
  readonly services = new Map<string, ServiceRequests>()
  readonly #objectives: readonly Objective[]
  readonly #defaults: Defaults
  readonly #maxServices: number
  /** Objective and what it counts, by service. */
  readonly #byService = new Map<string, { objective: Objective; measure: Measure }[]>()

  constructor(parts: {
    objectives: readonly Objective[]
    defaults: Defaults
    maxServices: number
    nowMs: number
  }) {
    this.#objectives = parts.objectives
    this.#defaults = parts.defaults
    this.#maxServices = parts.maxServices
    const named = [...parts.objectives.map(({ service }) => service), ...Object.keys(parts.defaults.services)]
    for (const service of new Set(named)) this.#begin(service, parts.nowMs)
  }

  /** Undefined when it is new and there is no room. */
  service(name: string, nowMs: number): ServiceRequests | undefined {
    const known = this.services.get(name)
    if (known !== undefined || this.services.size >= this.#maxServices) return known
    return this.#begin(name, nowMs)
  }

  /** Lets services go that nothing names and that served no request since `sinceMs`. */
  forget(sinceMs: number, nowMs: number): void {
    for (const [name, { measures }] of this.services) {
      const list = this.#byService.get(name) ?? []
      if (list.some(({ objective }) => objective.origin !== 'default')) continue
      if ([...measures.values()].some((measure) => measure.hours(sinceMs, nowMs).total > 0)) continue
      this.services.delete(name)
      this.#byService.delete(name)
    }
  }

  /** Every objective with its counts, by service and name. */
  *objectives(): Generator<{ objective: Objective; measure: Measure; requests: ServiceRequests }> {
    for (const [name, list] of [...this.#byService].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const requests = this.services.get(name)
      if (requests !== undefined) for (const each of list) yield { ...each, requests }
    }
  }

  #begin(service: string, nowMs: number): ServiceRequests {
    const requests = new ServiceRequests(service)
    this.services.set(service, requests)
    const own = this.#objectives.filter((objective) => objective.service === service)
    const objectives = own.some(({ indicator }) => indicator.kind === 'availability')
      ? own
      : [this.#default(service), ...own]
    this.#byService.set(
      service,
      objectives.map((objective) => ({ objective, measure: requests.measure(objective.indicator, nowMs) })),
    )
    return requests
  }

  #default(service: string): Objective {
    const target = Object.hasOwn(this.#defaults.services, service)
      ? this.#defaults.services[service]
      : undefined
    return {
      name: DEFAULT_NAME,
      displayName: null,
      service,
      indicator: AVAILABILITY,
      target: target ?? this.#defaults.objective,
      period: THIRTY_DAYS,
      origin: target === undefined ? 'default' : 'configuration',
    }
  }
}
