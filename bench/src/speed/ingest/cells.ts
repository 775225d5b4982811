import type { Cell } from './load/cell.ts'

const SIZES = [100, 1000, 8000]

/** Every kind of load that is measured. */
export const CELLS: readonly Cell[] = [
  ...[false, true].flatMap((gzip) =>
    (['grpc', 'http'] as const).flatMap((protocol) =>
      SIZES.map((size): Cell => ({ signal: 'traces', protocol, gzip, size })),
    ),
  ),
  ...(['metrics', 'logs'] as const).flatMap((signal) =>
    [false, true].flatMap((gzip) =>
      (['grpc', 'http'] as const).map((protocol): Cell => ({ signal, protocol, gzip, size: 1000 })),
    ),
  ),
]

export const FORWARD_CELLS: readonly Cell[] = (['grpc', 'http'] as const).map((protocol) => ({
  signal: 'traces',
  protocol,
  gzip: false,
  size: 1000,
}))
