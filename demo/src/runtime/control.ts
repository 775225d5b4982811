import type { FaultName } from '../faults/catalogue.ts'

/**
 * What the demo and its processes tell each other over the IPC channel: nothing of it is on the network, so nothing of it makes a span.
 * The channel is also the leash: a process whose channel closes ends at once.
 */
export type Order =
  | { readonly kind: 'addresses'; readonly addresses: Addresses }
  | { readonly kind: 'fault'; readonly fault: FaultName | null }
  | { readonly kind: 'slow-queries'; readonly service: string; readonly ms: number }

/** Port of each process by its name. */
export type Addresses = Readonly<Record<string, number>>

export interface Report {
  readonly kind: 'ready'
  /** 0 when the process serves no port. */
  readonly port: number
}

export function onOrder(listener: (order: Order) => void): void {
  process.on('message', listener)
}

export function report(message: Report): void {
  process.send?.(message)
}
