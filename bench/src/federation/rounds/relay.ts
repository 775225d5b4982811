import { connect, createServer, type Socket } from 'node:net'
import { type Purpose, purposeOf } from './purpose.ts'

/** Bytes on the sockets of clients, both ways. */
export interface Carried {
  up: number
  down: number
  requests: number
}

/**
 * A TCP relay that counts every byte between clients and a server, by what the request is for: its first line is read, nothing is changed.
 * A client sends a request only when the answer to the one before has come, so that bytes up after bytes down begin a request.
 */
export class Relay {
  readonly carried = new Map<Purpose, Carried>()
  readonly #server = createServer((socket) => this.#carry(socket))
  readonly #sockets = new Set<Socket>()
  readonly #to: { readonly host: string; readonly port: number }
  #connections = 0

  constructor(to: { readonly host: string; readonly port: number }) {
    this.#to = to
  }

  get port(): number {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('the relay does not listen')
    return address.port
  }

  get connections(): number {
    return this.#connections
  }

  get total(): number {
    return [...this.carried.values()].reduce((sum, { up, down }) => sum + up + down, 0)
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(port, '127.0.0.1', resolve)
    })
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #carry(client: Socket): void {
    this.#connections++
    const server = connect(this.#to)
    const count = counting(this.carried)
    client.on('data', (bytes: Buffer) => count.up(bytes))
    server.on('data', (bytes: Buffer) => count.down(bytes))
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from)
      from.setNoDelay(true).pipe(to)
      from
        .on('error', () => to.destroy())
        .on('close', () => {
          this.#sockets.delete(from)
          to.end()
        })
    }
  }
}

/** Counts one connection. */
export function counting(carried: Map<Purpose, Carried>) {
  let purpose: Purpose = 'other'
  let answered = true
  const add = (up: number, down: number, requests: number) => {
    const sum = carried.get(purpose) ?? { up: 0, down: 0, requests: 0 }
    carried.set(purpose, { up: sum.up + up, down: sum.down + down, requests: sum.requests + requests })
  }
  return {
    up(bytes: Buffer): void {
      const begun = answered
        ? purposeOf(bytes.toString('latin1', 0, Math.max(0, bytes.indexOf('\r\n'))))
        : undefined
      if (begun !== undefined) purpose = begun
      answered = false
      add(bytes.length, 0, begun === undefined ? 0 : 1)
    },
    down(bytes: Buffer): void {
      answered = true
      add(0, bytes.length, 0)
    },
  }
}
