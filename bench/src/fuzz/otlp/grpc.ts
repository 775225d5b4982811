import { type ClientHttp2Session, connect } from 'node:http2'
import type { Signal } from '../recordings.ts'

const METHODS: Readonly<Record<Signal, string>> = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
}

/** OTLP over gRPC as no client speaks it: the bytes after the headers are whatever is given. A session that the server ends is opened anew. */
export class GrpcDoor {
  readonly #url: string
  #session: ClientHttp2Session | undefined

  constructor(port: number) {
    this.#url = `http://127.0.0.1:${port}`
  }

  /** Resolves to `grpc N`, undefined when there is no answer. */
  send(signal: Signal, frame: Uint8Array, encoding: string | undefined): Promise<string | undefined> {
    return new Promise((resolve) => {
      const stream = this.#open().request({
        ':method': 'POST',
        ':path': METHODS[signal],
        'content-type': 'application/grpc',
        te: 'trailers',
        ...(encoding !== undefined && { 'grpc-encoding': encoding }),
      })
      let status: string | undefined
      const see = (headers: Readonly<Record<string, unknown>>) => {
        if (headers['grpc-status'] !== undefined) status = `grpc ${headers['grpc-status']}`
      }
      stream.on('response', see)
      stream.on('trailers', see)
      stream.on('error', () => {})
      stream.on('close', () => resolve(status))
      stream.resume()
      stream.end(frame)
    })
  }

  close(): void {
    this.#session?.destroy()
  }

  #open(): ClientHttp2Session {
    if (this.#session !== undefined && !this.#session.closed && !this.#session.destroyed) return this.#session
    const session = connect(this.#url)
    session.on('error', () => session.destroy())
    this.#session = session
    return session
  }
}
