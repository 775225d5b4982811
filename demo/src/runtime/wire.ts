import { createConnection, createServer, type Server, type Socket } from 'node:net'

/**
 * JSON lines over TCP, with numbered requests and pushes: the protocol of the demo's database and queue. Nothing instruments it, so
 * that these two are seen only through the spans of their clients.
 */
interface Line {
  readonly id?: number
  readonly method?: string
  readonly body: unknown
  readonly error?: string
}

const MAX_LINE = 1 << 20

function readLines(socket: Socket, onLine: (line: Line) => void): void {
  let rest = ''
  socket.setEncoding('utf8')
  socket.setNoDelay(true)
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > MAX_LINE) socket.destroy(new Error('line too long'))
    for (const line of lines) onLine(JSON.parse(line))
  })
}

interface Peer {
  push(method: string, body: unknown): void
  onClose(listener: () => void): void
}

export type Answer = (method: string, body: unknown, peer: Peer) => Promise<unknown>

export function createWireServer(answer: Answer): Server {
  return createServer((socket) => {
    const send = (line: Line) => {
      if (socket.writable) socket.write(`${JSON.stringify(line)}\n`)
    }
    const peer: Peer = {
      push: (method, body) => send({ method, body }),
      onClose: (listener) => socket.on('close', listener),
    }
    socket.on('error', () => socket.destroy())
    readLines(socket, ({ id, method, body }) => {
      answer(method ?? '', body, peer).then(
        (result) => send({ ...(id !== undefined && { id }), body: result }),
        (error: Error) => send({ ...(id !== undefined && { id }), body: null, error: error.message }),
      )
    })
  })
}

export class WireClient {
  readonly #port: () => number
  readonly #onPush: (method: string, body: unknown) => void
  readonly #greet: (client: WireClient) => void
  readonly #waiting = new Map<number, (line: Line) => void>()
  #socket: Socket | undefined
  #next = 0

  constructor(
    port: () => number,
    options: { onPush?: (method: string, body: unknown) => void; greet?: (client: WireClient) => void } = {},
  ) {
    this.#port = port
    this.#onPush = options.onPush ?? (() => {})
    this.#greet = options.greet ?? (() => {})
  }

  async request(method: string, body: unknown): Promise<unknown> {
    const socket = this.#connected()
    const id = this.#next++
    const line = await new Promise<Line>((resolve) => {
      this.#waiting.set(id, resolve)
      socket.write(`${JSON.stringify({ id, method, body })}\n`)
    })
    if (line.error !== undefined) throw new Error(line.error)
    return line.body
  }

  #connected(): Socket {
    if (this.#socket) return this.#socket
    const socket = createConnection({ host: '127.0.0.1', port: this.#port() })
    this.#socket = socket
    readLines(socket, (line) => {
      if (line.id === undefined) return this.#onPush(line.method ?? '', line.body)
      this.#waiting.get(line.id)?.(line)
      this.#waiting.delete(line.id)
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      this.#socket = undefined
      for (const resolve of this.#waiting.values()) resolve({ body: null, error: 'connection lost' })
      this.#waiting.clear()
    })
    this.#greet(this)
    return socket
  }
}
