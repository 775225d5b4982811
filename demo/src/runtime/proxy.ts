import { createConnection, createServer, type Server, type Socket } from 'node:net'

/** Passes bytes on after a delay that may change; order stays. */
function relay(from: Socket, to: Socket, delayMs: () => number): void {
  let free = 0
  const later = (act: () => void) => {
    const now = performance.now()
    free = Math.max(free, now + delayMs())
    if (free <= now) act()
    else setTimeout(act, free - now)
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
