export type Signal = 'traces' | 'metrics' | 'logs'

/** A kind of load: what is sent, and how. */
export interface Cell {
  readonly signal: Signal
  readonly protocol: 'grpc' | 'http'
  readonly gzip: boolean
  /** Spans, data points or log records in a request. */
  readonly size: number
}

export const nameOf = ({ signal, protocol, gzip, size }: Cell): string =>
  [signal, protocol, ...(gzip ? ['gzip'] : []), size].join('-')
