import { setTimeout } from 'node:timers/promises'
import { pino } from 'pino'
import { DATABASE, QUEUE, specOf } from '../shop/topology.ts'
import { type Addresses, onOrder, report } from './control.ts'
import { createDatabaseClient } from './database-client.ts'
import { ActiveFault } from './fault.ts'
import { createGrpcClient, serveGrpc } from './grpc.ts'
import { callHttp, serveHttp } from './http.ts'
import { createDelayProxy, listen } from './proxy.ts'
import { createQueueClient } from './queue-client.ts'
import { logNormal, seededRandom, seedOf } from './random.ts'
import type { Handler, Request, Service, Shop } from './service.ts'

/** Runs one service in this process: its server, its clients, its faults, and the leash to the demo. */
export async function hostService(service: Service, options: { seed: number; port: number }): Promise<void> {
  const spec = specOf(service.name)
  const random = seededRandom(seedOf(options.seed, service.name))
  const fault = new ActiveFault(random)
  let addresses: Addresses = {}
  const portOf = (name: string) => {
    const port = addresses[name]
    if (port === undefined) throw new Error(`nobody told ${service.name} where ${name} is`)
    return port
  }

  const log = pino({ name: service.name })
  const grpcClients = new Map<string, ReturnType<typeof createGrpcClient>>()
  const shop: Shop = {
    log,
    random,
    database: createDatabaseClient(service.name, () => portOf(DATABASE)),
    queue: createQueueClient(service.name, () => portOf(QUEUE)),
    work: (medianMs) => setTimeout(logNormal(random, medianMs)),
    call(name, operation, body) {
      if (specOf(name).protocol === 'http') return callHttp(name, portOf(name), operation, body)
      let client = grpcClients.get(name)
      if (!client) {
        client = createGrpcClient(name, portOf(name))
        grpcClients.set(name, client)
      }
      return client(operation, body ?? {})
    },
  }

  const run = async (operation: string, handler: Handler, request: Request) => {
    try {
      await fault.meet()
      if (fault.name === 'log-only')
        log.warn(`fell back to the replica of region ${Math.floor(random() * 4)} for ${operation}`)
      return await handler(request, shop)
    } catch (error) {
      log.error({ err: error }, `${operation} failed: ${error instanceof Error ? error.message : error}`)
      throw error
    }
  }

  onOrder((order) => {
    if (order.kind === 'addresses') addresses = order.addresses
    if (order.kind === 'fault') fault.set(order.fault)
  })

  const { handlers = {}, consume } = service
  let port = 0
  if (spec.protocol !== 'queue') {
    const inner =
      spec.protocol === 'http' ? await serveHttp(handlers, run) : await serveGrpc(service.name, handlers, run)
    port = await listen(
      createDelayProxy(
        () => inner,
        () => fault.networkDelayMs,
      ),
      options.port,
    )
  }
  report({ kind: 'ready', port })
  if (consume) {
    while (addresses[QUEUE] === undefined) await setTimeout(20)
    shop.queue.consume(consume.topic, consume.batch, async (messages) => {
      await run(
        `process ${consume.topic}`,
        async () => {
          await consume.handle(messages, shop)
          return {}
        },
        { params: {}, body: {} },
      )
    })
  }
}
