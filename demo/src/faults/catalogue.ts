import type { CauseKind } from '@adf/contract'
import { SERVICES, type ServiceSpec, specOf } from '../shop/topology.ts'

export const FAULTS = ['latency', 'error', 'cpu', 'crash', 'database', 'network', 'log-only'] as const
export type FaultName = (typeof FAULTS)[number]

interface Fault {
  readonly text: string
  /** Kinds of the cause that are right. */
  readonly kinds: readonly CauseKind[]
  readonly fits: (service: ServiceSpec) => boolean
}

const serves = (service: ServiceSpec) => service.protocol !== 'queue'
const isCalled = (service: ServiceSpec) => SERVICES.some((other) => other.calls.includes(service.name))

const CATALOGUE: Readonly<Record<FaultName, Fault>> = {
  latency: {
    text: 'every request takes 500 ms longer inside the service',
    kinds: ['code'],
    fits: () => true,
  },
  error: { text: 'every second request fails inside the service', kinds: ['code'], fits: () => true },
  // The loop is in the code, and what it takes is the host's: either word leads to it.
  cpu: {
    text: 'a busy loop takes most of the time of the process',
    kinds: ['code', 'host'],
    fits: serves,
  },
  // Without the frontend there is no telemetry of the shop at all, and nobody notices a consumer that is gone but its queue.
  crash: {
    text: 'the process is killed, and started again at the end',
    kinds: ['code', 'host'],
    fits: isCalled,
  },
  database: {
    text: 'queries of this service take 500 ms longer',
    kinds: ['dependency'],
    fits: (service) => service.database,
  },
  network: {
    text: '250 ms of delay each way between the service and its clients',
    kinds: ['network'],
    fits: isCalled,
  },
  'log-only': {
    text: 'the work goes on as ever, but the log messages are others',
    kinds: ['code'],
    fits: () => true,
  },
}

export function isFault(name: string): name is FaultName {
  return FAULTS.some((fault) => fault === name)
}

/** Which faults fit a service. */
export function faultsOf(service: string): readonly FaultName[] {
  const spec = specOf(service)
  return FAULTS.filter((fault) => CATALOGUE[fault].fits(spec))
}

/** Which services a fault fits. */
export function servicesOf(fault: FaultName): readonly string[] {
  return SERVICES.filter((service) => CATALOGUE[fault].fits(service)).map((service) => service.name)
}

export function describeFault(fault: FaultName): string {
  return CATALOGUE[fault].text
}

export function kindsOf(fault: FaultName): readonly CauseKind[] {
  return CATALOGUE[fault].kinds
}
