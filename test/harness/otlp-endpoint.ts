import { once } from 'node:events'
import { createServer, request as httpRequest } from 'node:http'
import { buffer } from 'node:stream/consumers'
import {
  Client,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
} from '@grpc/grpc-js'
import { freePort } from './process.ts'

export const SIGNALS = ['traces', 'metrics', 'logs'] as const
export type Signal = (typeof SIGNALS)[number]
export type Protocol = 'grpc' | 'http'

export interface Received {
  readonly protocol: Protocol
  readonly signal: Signal
  readonly body: Buffer
}

const METHODS: Readonly<Record<Signal, string>> = {
  traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export',
}
const asIs = (value: Buffer) => value

interface Ports {
  readonly grpcPort: number
  readonly httpPort: number
}

/** An OTLP endpoint for both protocols that keeps each body as it came, and passes it on to `next` where there is one. */
export async function startOtlpEndpoint(next?: Ports) {
  const received: Received[] = []
  const pass = next && rawExporter(next)
  const take = async (protocol: Protocol, signal: Signal, body: Buffer): Promise<Buffer> => {
    received.push({ protocol, signal, body })
    return pass ? pass.send(protocol, signal, body) : Buffer.alloc(0)
  }
  const grpc = new Server({ 'grpc.max_receive_message_length': -1 })
  for (const signal of SIGNALS)
    grpc.addService(service(signal), {
      export: (call: { request: Buffer }, answer: (error: Error | null, value?: Buffer) => void) => {
        take('grpc', signal, call.request).then(
          (value) => answer(null, value),
          (error: Error) => answer(error),
        )
      },
    })
  const http = createServer(async (request, response) => {
    const signal = SIGNALS.find((one) => request.url === `/v1/${one}`)
    if (signal === undefined) return response.writeHead(404).end()
    try {
      const answer = await take('http', signal, await buffer(request))
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(answer)
    } catch (error) {
      response.writeHead(503).end(String(error))
    }
  })
  const [grpcPort, httpPort] = [await freePort(), await freePort()]
  await new Promise<void>((resolve, reject) =>
    grpc.bindAsync(`127.0.0.1:${grpcPort}`, ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    ),
  )
  await once(http.listen(httpPort, '127.0.0.1'), 'listening')
  return {
    grpcPort,
    httpPort,
    received,
    stop: () => {
      grpc.forceShutdown()
      http.close()
      http.closeAllConnections()
      pass?.close()
    },
  }
}

/** Sends bytes as they are; the answer's bytes come back, a refusal throws. */
export function rawExporter({ grpcPort, httpPort }: Ports) {
  const client = new Client(`127.0.0.1:${grpcPort}`, credentials.createInsecure())
  const overGrpc = (signal: Signal, body: Buffer) =>
    new Promise<Buffer>((resolve, reject) => {
      client.makeUnaryRequest(METHODS[signal], asIs, asIs, body, new Metadata(), (error, answer) =>
        error === null ? resolve(answer ?? Buffer.alloc(0)) : reject(error),
      )
    })
  const overHttp = async (signal: Signal, body: Buffer) => {
    const headers = { 'content-type': 'application/x-protobuf', 'content-length': body.length }
    const request = httpRequest({ port: httpPort, path: `/v1/${signal}`, method: 'POST', headers })
    request.end(body)
    const [response] = await once(request, 'response')
    const answer = await buffer(response)
    if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${answer}`)
    return answer
  }
  return {
    send: (protocol: Protocol, signal: Signal, body: Buffer) =>
      protocol === 'grpc' ? overGrpc(signal, body) : overHttp(signal, body),
    close: () => client.close(),
  }
}

const service = (signal: Signal): ServiceDefinition => ({
  export: {
    path: METHODS[signal],
    requestStream: false,
    responseStream: false,
    requestSerialize: asIs,
    requestDeserialize: asIs,
    responseSerialize: asIs,
    responseDeserialize: asIs,
  },
})
