// A process of its own: the second OTLP endpoint that the forward cases send to. Takes everything and keeps nothing.
import { createServer } from 'node:http2'

const server = createServer({ settings: { maxFrameSize: 2 ** 20, initialWindowSize: 4 * 2 ** 20 } })
server.on('session', (session) => session.once('connect', () => session.setLocalWindowSize(4 * 2 ** 20)))
server.on('stream', (stream) => {
  stream.on('error', () => {})
  stream.resume()
  stream.once('end', () => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.once('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.end(Buffer.alloc(5))
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address !== null && typeof address === 'object') process.send?.(address.port)
})
process.on('disconnect', () => process.exit(0))
