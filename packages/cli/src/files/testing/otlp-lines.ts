/** One line as the collector's file exporter writes it, with one span a service. */
export interface LineSpan {
  readonly service: string
  readonly trace: number
  readonly id: number
  readonly parent?: number
  readonly kind: number
  readonly startMs: number
  readonly ms: number
  readonly name?: string
}

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0')
const nanos = (ms: number) => String(BigInt(Math.round(ms * 1000)) * 1000n)

export function otlpTraceLine(spans: readonly LineSpan[]): string {
  return JSON.stringify({
    resourceSpans: spans.map(({ service, trace, id, parent, kind, startMs, ms, name }) => ({
      resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
      scopeSpans: [
        {
          spans: [
            {
              traceId: hex(trace, 32),
              spanId: hex(id, 16),
              ...(parent === undefined ? {} : { parentSpanId: hex(parent, 16) }),
              name: name ?? `GET /${service}`,
              kind,
              startTimeUnixNano: nanos(startMs),
              endTimeUnixNano: nanos(startMs + ms),
              status: {},
            },
          ],
        },
      ],
    })),
  })
}

/** A minute of one request a second from `web` to `cart`, whose own work takes `cartMs`. */
export function otlpMinute(startMs: number, cartMs: number): string[] {
  return Array.from({ length: 60 }, (_, i) => {
    const at = startMs + i * 1000
    const trace = (startMs / 1000 + i) % 2 ** 31
    return otlpTraceLine([
      { service: 'cart', trace, id: 3, parent: 2, kind: 2, startMs: at + 4, ms: cartMs + (i % 3) },
      {
        service: 'web',
        trace,
        id: 2,
        parent: 1,
        kind: 3,
        startMs: at + 3,
        ms: cartMs + 2 + (i % 3),
        name: 'GET',
      },
      { service: 'web', trace, id: 1, kind: 2, startMs: at, ms: cartMs + 8 + (i % 3) },
    ])
  })
}
