import { connect, type Socket } from 'node:net'

/** Types of frames (RFC 9113, section 6). */
export const FrameType = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const
export const Flag = { ack: 1, endStream: 1, endHeaders: 4 } as const

const HEAD = 9
const EMPTY = Buffer.alloc(0)

export function http2Frame(type: number, flags: number, stream: number, payload: Buffer = EMPTY): Buffer {
  const frame = Buffer.alloc(HEAD + payload.length)
  frame.writeUIntBE(payload.length, 0, 3)
  frame[3] = type
  frame[4] = flags
  frame.writeUInt32BE(stream, 5)
  frame.set(payload, HEAD)
  return frame
}

/** What a client says first: the preface and its settings. */
export function greeting(settings: Buffer = EMPTY): Buffer {
  return Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1'),
    http2Frame(FrameType.settings, 0, 0, settings),
  ])
}

/** Fields as literals without a table (RFC 7541, section 6.2.2). */
export function headerBlock(fields: Readonly<Record<string, string>>): Buffer {
  const text = (value: string) => {
    const bytes = Buffer.from(value, 'latin1')
    if (bytes.length < 127) return Buffer.concat([Buffer.of(bytes.length), bytes])
    const rest: number[] = []
    for (let left = bytes.length - 127; ; left >>>= 7) {
      if (left < 128) {
        rest.push(left)
        break
      }
      rest.push((left & 127) | 128)
    }
    return Buffer.concat([Buffer.of(127, ...rest), bytes])
  }
  return Buffer.concat(
    Object.entries(fields).flatMap(([name, value]) => [Buffer.of(0), text(name), text(value)]),
  )
}

export const EXPORT = headerBlock({
  ':method': 'POST',
  ':scheme': 'http',
  ':authority': 'adf',
  ':path': '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
  'content-type': 'application/grpc',
})

/** The beginning of a request, and with `message` all of it. */
export function exportRequest(stream: number, message?: Buffer): Buffer {
  const head = http2Frame(FrameType.headers, Flag.endHeaders, stream, EXPORT)
  if (message === undefined) return head
  return Buffer.concat([head, http2Frame(FrameType.data, Flag.endStream, stream, message)])
}

/** A client that speaks bytes of HTTP/2. */
export class RawClient {
  readonly socket: Socket
  readonly closed: Promise<unknown>
  #read: Buffer = EMPTY

  /** @param reading false: it never takes what is sent to it */
  constructor(port: number, reading = true) {
    this.socket = connect(port, '127.0.0.1')
    this.closed = new Promise((resolve) => this.socket.once('close', resolve))
    this.socket.on('error', () => {})
    if (!reading) {
      this.socket.pause()
      return
    }
    this.socket.on('data', (chunk) => {
      this.#read = Buffer.concat([this.#read, chunk])
    })
  }

  get frames() {
    const frames: { type: number; flags: number; stream: number; payload: Buffer }[] = []
    for (let at = 0; at + HEAD <= this.#read.length; ) {
      const length = this.#read.readUIntBE(at, 3)
      frames.push({
        type: this.#read[at + 3] ?? 0,
        flags: this.#read[at + 4] ?? 0,
        stream: this.#read.readUInt32BE(at + 5),
        payload: this.#read.subarray(at + HEAD, at + HEAD + length),
      })
      at += HEAD + length
    }
    return frames
  }

  /** Resolves when the kernel has taken it, or the server has hung up. */
  async write(bytes: Buffer): Promise<boolean> {
    if (this.socket.destroyed) return false
    await Promise.race([new Promise((resolve) => this.socket.write(bytes, resolve)), this.closed])
    return !this.socket.destroyed
  }

  async until(condition: (frame: RawClient['frames'][number]) => boolean) {
    for (;;) {
      const found = this.frames.find(condition)
      if (found !== undefined) return found
      if (this.socket.closed) throw new Error('the server hung up')
      await Promise.race([new Promise((resolve) => this.socket.once('data', resolve)), this.closed])
    }
  }
}
