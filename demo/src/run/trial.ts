import type { CauseKind, Incident } from '@adf/contract'
import { FAULTS, type FaultName, faultsOf, isFault, kindsOf, servicesOf } from '../faults/catalogue.ts'
import { pick, type Random } from '../runtime/random.ts'
import { SERVICES } from '../shop/topology.ts'

/** One fault in one service. */
export interface Trial {
  readonly fault: FaultName
  readonly service: string
}

/** What ADF made of it; the last line of `adf demo --json`. Times in seconds from the fault; null = did not happen. */
export interface TrialResult {
  readonly service: string
  readonly fault: FaultName
  /** Services of the ranked causes, best first. */
  readonly top: readonly string[]
  /** Of the first-ranked cause; null = none. */
  readonly kind: CauseKind | null
  readonly probability: number | null
  readonly detected_after_s: number | null
  readonly alerted_after_s: number | null
}

export function isRight(result: TrialResult): boolean {
  return result.top[0] === result.service
}

/** What the first-ranked cause is, whether it is in the right service or not. */
export function isKindRight({ fault, kind }: TrialResult): boolean {
  return kind !== null && kindsOf(fault).includes(kind)
}

/** `shop/payment` -> `payment`: the graph names a service with its namespace. */
export function bareName(node: string): string {
  return node.slice(node.lastIndexOf('/') + 1)
}

/** Whether an incident may be of a fault in the shop: one of simulated servers or sensors alone has no services, and no causes. */
export function isOfShop({ services, causes }: Incident): boolean {
  return services.length > 0 || causes.length > 0
}

export function causesOf(incident: Incident): readonly string[] {
  return incident.causes.map((cause) => bareName(cause.service))
}

/** A trial that was asked for only in part, or not at all: the rest is drawn. Throws when fault and service do not fit. */
export function completeTrial(
  asked: { readonly fault?: string | undefined; readonly service?: string | undefined },
  random: Random,
): Trial {
  const { fault, service } = asked
  if (fault !== undefined && !isFault(fault)) {
    throw new Error(`there is no fault "${fault}"; there are ${FAULTS.join(', ')}`)
  }
  if (service !== undefined && !SERVICES.some((spec) => spec.name === service)) {
    throw new Error(`there is no service "${service}"; there are ${SERVICES.map((s) => s.name).join(', ')}`)
  }
  if (fault !== undefined && service !== undefined) {
    if (servicesOf(fault).includes(service)) return { fault, service }
    throw new Error(`the fault ${fault} does not fit ${service}; it fits ${servicesOf(fault).join(', ')}`)
  }
  if (fault !== undefined) return { fault, service: pick(random, servicesOf(fault)) }
  // Of the services that others need: a cause with nobody who suffers from it is a poor first sight of ADF.
  const drawn = service ?? pick(random, servicesOf('crash'))
  // A changed log pattern breaks nothing, and is not to be waited for by chance.
  return {
    fault: pick(
      random,
      faultsOf(drawn).filter((name) => name !== 'log-only'),
    ),
    service: drawn,
  }
}

/** `latency:cart,error:payment` -> trials. */
export function parseTrials(text: string, random: Random): readonly Trial[] {
  return text.split(',').map((part) => {
    const [fault, service] = part.trim().split(':')
    return completeTrial({ fault, service }, random)
  })
}
