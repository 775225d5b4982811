// A process of its own, `generator.ts SIGNAL PROTOCOL gzip|none SIZE PORT`: sends requests as fast as the server takes them and tells its parent how
// many records were taken.
import { constants, gzipSync } from 'node:zlib'
import { loadRequest } from './load-request.ts'
import type { LoadRequest } from './patched-request.ts'
import { type Send, sendGrpc, sendHttp } from './send.ts'
import { instanceOf } from './services.ts'

const CONNECTIONS = 4
const [signal, protocol, compression, records, port] = process.argv.slice(2)
if (signal !== 'traces' && signal !== 'metrics' && signal !== 'logs') throw new Error(`no signal ${signal}`)
const gzip = compression === 'gzip'
const size = Number(records)
let taken = 0
let counter = (process.pid & 0xffff) << 16
let stopped = false

/** Bytes to send. Quick compression: the generator must stay ahead of the server. */
function bodyOf({ message: { framed, bytes } }: LoadRequest): Buffer {
  if (!gzip) return protocol === 'grpc' ? framed : bytes
  const packed = gzipSync(bytes, { level: constants.Z_BEST_SPEED })
  if (protocol === 'http') return packed
  const prefix = Buffer.of(1, 0, 0, 0, 0)
  prefix.writeUInt32BE(packed.length, 1)
  return Buffer.concat([prefix, packed])
}

const work = async (connection: number, send: Send): Promise<void> => {
  const request = loadRequest(signal, size)
  for (let sent = 0; !stopped; sent++) {
    request.next(counter++, instanceOf(sent, connection, CONNECTIONS), Date.now())
    await send(bodyOf(request))
    taken += size
  }
}

process.on('message', (message) => {
  if (message === 'stop') stopped = true
  else process.send?.(taken)
})
const make = protocol === 'grpc' ? sendGrpc : sendHttp
const connections = Array.from({ length: CONNECTIONS }, (_, connection) =>
  work(connection, make(signal, Number(port), gzip)),
)
await Promise.all(connections)
process.disconnect()
process.exit(0)
