import { createConnection, createServer, type Server, type Socket } from 'node:net'

interface Due {
  readonly atMs: number
  readonly act: () => void
}

/** Passes bytes on after a delay that may change. One queue and one timer: timers of different lengths may end out of order. */
function relay(from: Socket, to: Socket, delayMs: () => number): void {
  const queue: Due[] = []
  let timer: NodeJS.Timeout | undefined
  const pass = () => {
    timer = undefined
    for (let [first] = queue; first !== undefined; [first] = queue) {
      const leftMs = first.atMs - performance.now()
      if (leftMs > 0) {
        timer = setTimeout(pass, leftMs)
        return
      }
      queue.shift()
      first.act()
    }
  }
  const later = (act: () => void) => {
    queue.push({ atMs: performance.now() + delayMs(), act })
    if (timer === undefined) pass()
  }
  from.on('data', (chunk: Buffer) => later(() => to.writable && to.write(chunk)))
  from.on('end', () => later(() => to.end()))
  from.on('error', () => from.destroy())
  from.on('close', () => later(() => to.destroy()))
}

/**
 * The network in front of a service: a TCP proxy that delays each direction. What it delays is in the spans of the service's clients
 * and not in its own.
 */
export function createDelayProxy(upstream: () => number, delayMs: () => number): Server {
  return createServer({ noDelay: true }, (client) => {
    const server = createConnection({ host: '127.0.0.1', port: upstream(), noDelay: true })
    relay(client, server, delayMs)
    relay(server, client, delayMs)
  })
}

export function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })
}
