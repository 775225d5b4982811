import {
  type Client,
  credentials,
  type handleUnaryCall,
  makeGenericClientConstructor,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
} from '@grpc/grpc-js'
import { TIMEOUT_MS } from './http.ts'
import { registerShopNames } from './names.ts'
import type { Handler } from './service.ts'

type Body = Record<string, unknown>

// JSON instead of protobuf: no compiler, no schema to load, and the spans are the same.
const serialize = (body: Body) => Buffer.from(JSON.stringify(body))
const deserialize = (bytes: Buffer): Body => JSON.parse(bytes.toString())

function definition(service: string, methods: readonly string[]): ServiceDefinition {
  return Object.fromEntries(
    methods.map((method) => [
      method,
      {
        path: `/shop.${service}/${method}`,
        requestStream: false,
        responseStream: false,
        requestSerialize: serialize,
        requestDeserialize: deserialize,
        responseSerialize: serialize,
        responseDeserialize: deserialize,
      },
    ]),
  )
}

/** Serves handlers named by method; a free port of loopback. */
export function serveGrpc(
  service: string,
  handlers: Readonly<Record<string, Handler>>,
  run: (operation: string, handler: Handler, request: Parameters<Handler>[0]) => ReturnType<Handler>,
): Promise<number> {
  const server = new Server()
  const implementation: Record<string, handleUnaryCall<Body, Body>> = {}
  for (const [method, handler] of Object.entries(handlers)) {
    implementation[method] = (call, callback) => {
      run(method, handler, { params: {}, body: call.request }).then(
        (answer) => callback(null, answer),
        (error: Error) => callback({ code: status.INTERNAL, details: error.message }),
      )
    }
  }
  server.addService(definition(service, Object.keys(handlers)), implementation)
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
      if (error) reject(error)
      else resolve(port)
    })
  })
}

registerShopNames()

/** A client of one service. Comes back within a second after its server did. */
export function createGrpcClient(service: string, port: number) {
  const Constructor = makeGenericClientConstructor({}, service)
  const client: Client = new Constructor(`shop:${service}:${port}`, credentials.createInsecure(), {
    'grpc.initial_reconnect_backoff_ms': 200,
    'grpc.max_reconnect_backoff_ms': 1000,
  })
  return (method: string, body: Body): Promise<Body> =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest<Body, Body>(
        `/shop.${service}/${method}`,
        serialize,
        deserialize,
        body,
        { deadline: Date.now() + TIMEOUT_MS },
        (error, answer) => (error ? reject(error) : resolve(answer ?? {})),
      )
    })
}
