import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** What becomes of a message of a client: `lose` cuts the connection before the server gets it, `mute` after. */
export type Fate = 'pass' | 'lose' | 'mute'

/** `ReadyForQuery` of a session without a transaction, and what a server says that ends one (PostgreSQL's documentation, 54.7). */
const READY = Buffer.from('Z\0\0\0\x05I', 'latin1')
const FIELDS = Buffer.from(
  'SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0',
  'latin1',
)
const ENDED = Buffer.concat([Buffer.from('E'), Buffer.alloc(4), FIELDS])
ENDED.writeUInt32BE(4 + FIELDS.length, 1)

/** Stands between clients and PostgreSQL, and cuts connections at a message of choice. */
export async function startRelay(target: string) {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let fate: (message: string) => Fate = () => 'pass'
  let endsAtReady = false
  const server = createServer((client) => {
    const upstream = connect({ host: hostname, port: Number(port) })
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
    let muted = false
    client.on('data', (chunk) => {
      const decided = fate(chunk.toString('latin1'))
      if (decided === 'lose') {
        upstream.destroy()
        client.destroy()
        return
      }
      upstream.write(chunk)
      if (decided === 'mute') muted = true
    })
    upstream.on('data', (chunk) => {
      if (muted) client.destroy()
      else if (endsAtReady && chunk.subarray(-READY.length).equals(READY)) {
        endsAtReady = false
        client.end(Buffer.concat([chunk, ENDED]))
      } else client.write(chunk)
    })
    client.on('close', () => upstream.end())
    upstream.on('close', () => client.destroy())
  })
  const listen = async (at: number) => {
    server.listen(at, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }
  const port_ = await listen(0)
  const url = new URL(target)
  url.port = String(port_)
  const close = async () => {
    server.close()
    for (const socket of sockets) socket.destroy()
    await once(server, 'close')
  }
  return {
    url: url.href,
    decide: (next: (message: string) => Fate) => {
      fate = next
    },
    /** The next session that is ready is ended in the same breath. */
    endAtReady: () => {
      endsAtReady = true
    },
    /** Nobody answers any more, until open(). */
    close,
    open: () => listen(port_),
  }
}
