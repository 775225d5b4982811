import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import type { Rng } from '@adf/detectors'
import { type ClientKey, newClientKey } from '@adf/federation/signature'
import { MUTATIONS, mutated } from '../../fuzz/mutation.ts'
import type { Answer, Site } from '../server/site.ts'

/** A request as it goes over the wire. */
export interface Sent {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  readonly body: Uint8Array
  readonly headers: Record<string, string>
}

/** One that is to be signed. */
export interface Unsigned extends Omit<Sent, 'headers'> {
  readonly type: string
}

/** Remembered, to be sent again. */
const KEPT = 64
const HOUR_MS = 3_600_000

/** Signs, spoils and sends requests of an enrolled client. Its choices follow from the random numbers, not what is random about signatures. */
export class Forger {
  readonly site: Site
  readonly #rng: Rng
  readonly #stranger = newClientKey()
  readonly #sent: Sent[] = []

  constructor(site: Site, rng: Rng) {
    this.site = site
    this.#rng = rng
  }

  below(count: number): number {
    return Math.floor(this.#rng() * count)
  }

  /** One of a list that is not empty. */
  oneOf<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }

  /** @param other sound bytes of another kind, whose end it may get */
  mutate(bytes: Uint8Array, other: Uint8Array): Uint8Array {
    return mutated(bytes, other, this.oneOf(MUTATIONS), this.#rng)
  }

  signed(
    { type, ...request }: Unsigned,
    options: { readonly nowMs?: number; readonly key?: ClientKey } = {},
  ): Sent {
    const { method, path, body } = request
    const headers = this.site.headers(method, path, body, { type, nonce: randomBytes(16), ...options })
    return { ...request, headers }
  }

  signedByStranger(request: Unsigned): Sent {
    return this.signed(request, { key: this.#stranger })
  }

  signedInAnHour(request: Unsigned): Sent {
    return this.signed(request, { nowMs: Date.now() + HOUR_MS })
  }

  /** Another body than was signed. */
  broken(sent: Sent, other: Uint8Array): Sent {
    return { ...sent, body: this.mutate(sent.body, other) }
  }

  /** A letter of a header is another. */
  garbled(sent: Sent): Sent {
    const name = this.oneOf(Object.keys(sent.headers))
    const value = sent.headers[name]!
    const at = this.below(value.length)
    const letter = String.fromCharCode(33 + this.below(94))
    return {
      ...sent,
      headers: { ...sent.headers, [name]: value.slice(0, at) + letter + value.slice(at + 1) },
    }
  }

  async send(sent: Sent): Promise<Answer> {
    if (this.#sent.length < KEPT) this.#sent.push(sent)
    else this.#sent[this.below(KEPT)] = sent
    const { method, path, body, headers } = sent
    return this.site.raw(method, path, method === 'GET' ? undefined : body, headers)
  }

  /** Something that it sent before, as it was. */
  async replay(): Promise<Answer | undefined> {
    const sent = this.#sent[this.below(this.#sent.length)]
    return sent && this.send(sent)
  }

  /** The connection ends somewhere in the request. */
  cutOff({ method, path, body, headers }: Sent): Promise<undefined> {
    const { hostname, port, host } = new URL(this.site.url)
    const lines = Object.entries({ host, ...headers, 'content-length': String(body.length) })
    const head = `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
    const bytes = Buffer.concat([Buffer.from(head), body])
    const part = bytes.subarray(0, this.below(bytes.length))
    return new Promise((resolve) => {
      const socket = connect(Number(port), hostname, () => socket.end(part))
      socket.on('error', () => {})
      socket.on('close', () => resolve(undefined))
      socket.resume()
    })
  }
}
