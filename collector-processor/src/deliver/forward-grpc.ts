import {
  type ChannelCredentials,
  Client,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js'
import type { ForwardRequest } from '../telemetry/forward.ts'
import type { Signal } from '../telemetry/signal.ts'
import { retryDelayMs } from './forward-retry-info.ts'
import { type ForwardEndpoint, SendError, type Sender } from './forward-sender.ts'
import type { ClientTls } from './forward-tls.ts'

const METHOD: Readonly<Record<Signal, string>> = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
}
/** Retryable by the OTLP specification; RESOURCE_EXHAUSTED only with RetryInfo. */
const RETRYABLE: ReadonlySet<number> = new Set([
  status.CANCELLED,
  status.DEADLINE_EXCEEDED,
  status.ABORTED,
  status.OUT_OF_RANGE,
  status.UNAVAILABLE,
  status.DATA_LOSS,
])
const GZIP = 2
const asIs = (value: Buffer) => value

/** Sends to an OTLP/gRPC endpoint, `host:port`. */
export function createGrpcSender(endpoint: ForwardEndpoint, tls: ClientTls): Sender {
  const client = new Client(endpoint.endpoint.replace(/^https?:\/\//, ''), channel(endpoint, tls), {
    'grpc.max_receive_message_length': 4 * 2 ** 20,
    'grpc.initial_reconnect_backoff_ms': 200,
    'grpc.max_reconnect_backoff_ms': 5000,
    ...(endpoint.compression === 'gzip' && { 'grpc.default_compression_algorithm': GZIP }),
  })
  const metadata = Metadata.fromHttp2Headers(
    Object.fromEntries(Object.entries(endpoint.headers).map(([key, value]) => [key.toLowerCase(), value])),
  )
  return {
    send: ({ signal, protobuf }: ForwardRequest) =>
      new Promise((resolve, reject) => {
        const body = Buffer.from(protobuf.buffer, protobuf.byteOffset, protobuf.byteLength)
        const deadline = new Date(Date.now() + endpoint.timeout)
        client.makeUnaryRequest(METHOD[signal], asIs, asIs, body, metadata, { deadline }, (error) =>
          error === null ? resolve() : reject(sendError(error)),
        )
      }),
    close: () => client.close(),
  }
}

function channel(endpoint: ForwardEndpoint, { ca, key, cert }: ClientTls): ChannelCredentials {
  if (endpoint.tls === undefined) return credentials.createInsecure()
  return credentials.createSsl(ca ?? null, key ?? null, cert ?? null)
}

function sendError(error: ServiceError): SendError {
  const details = error.metadata?.get('grpc-status-details-bin')[0]
  const retryAfterMs = details instanceof Buffer ? retryDelayMs(details) : 0
  const retryable =
    RETRYABLE.has(error.code) || (error.code === status.RESOURCE_EXHAUSTED && retryAfterMs > 0)
  return new SendError(`${status[error.code]}: ${error.details}`, { retryable, retryAfterMs, cause: error })
}
