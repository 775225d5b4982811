import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { type Rng, weightCount } from '@adf/detectors'
import { compressUpdate, encodeDense } from '@adf/detectors/update'
import { newClientKey } from '@adf/federation/signature'
import type { Answer, Site } from '../server/site.ts'
import { MUTATIONS, mutated, sealed } from './mutation.ts'

/** A request as it goes over the wire. */
interface Sent {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  readonly body: Uint8Array
  readonly headers: Record<string, string>
}

/** What an intruder can see of the run. */
export interface Target {
  readonly run: string
  readonly network: Parameters<typeof weightCount>[0]
  /** Latest round and version. */
  readonly round: number
  readonly version: number
}

const UPDATE = 'application/vnd.adf.update'
/** Remembered, to be sent again. */
const KEPT = 64

/** An enrolled client that sends what no client should. Its choices follow from the random numbers, not what is random about signatures. */
export class Intruder {
  readonly #site: Site
  readonly #rng: Rng
  readonly #stranger = newClientKey()
  readonly #sent: Sent[] = []

  constructor(site: Site, rng: Rng) {
    this.#site = site
    this.#rng = rng
  }

  /** The kinds of things that it does, by name; each resolves to the answer, or to undefined when there is none. */
  readonly deeds: Readonly<Record<string, (target: Target) => Promise<Answer | undefined>>> = {
    body_mutated: (target) => this.#send(this.#broken(this.#update(target))),
    frame_mutated: (target) => this.#send(this.#update(target, this.#mutate(this.#frame(target)))),
    frame_sealed: (target) => this.#send(this.#update(target, sealed(this.#mutate(this.#frame(target))))),
    duplicated: async (target) => {
      const update = this.#update(target)
      await this.#send(update)
      return this.#send(this.#signed(update))
    },
    replayed: async (target) =>
      this.#send(this.#sent[this.#below(this.#sent.length)] ?? this.#update(target)),
    reordered: (target) =>
      this.#send(
        this.#update({
          ...target,
          round: 1 + this.#below(target.round + 3),
          version: this.#below(target.version + 3),
        }),
      ),
    from_the_future: (target) =>
      this.#send(this.#signed(this.#update(target), { nowMs: Date.now() + 3_600_000 })),
    another_key: (target) => this.#send(this.#signed(this.#update(target), { key: this.#stranger })),
    another_shape: (target) => this.#send(this.#update(target, this.#frame({ ...target, network: OTHER }))),
    million_samples: (target) => this.#send(this.#update(target, this.#frame(target), 1_000_000)),
    extreme_values: (target) => this.#send(this.#update(target, this.#extreme(target))),
    headers_mutated: (target) => this.#send(this.#garbled(this.#update(target))),
    message_mutated: () => this.#send(this.#work()),
    cut_off: (target) => this.#cutOff(this.#update(target)),
  }

  #below(count: number): number {
    return Math.floor(this.#rng() * count)
  }

  #mutate(frame: Uint8Array): Uint8Array {
    return mutated(frame, SOME_DENSE, MUTATIONS[this.#below(MUTATIONS.length)]!, this.#rng)
  }

  #frame({ network }: Pick<Target, 'network'>): Uint8Array {
    const values = Float32Array.from({ length: weightCount(network) }, () => 0.02 * (this.#rng() - 0.5))
    return compressUpdate(values, 1).bytes
  }

  #extreme({ network }: Target): Uint8Array {
    const large = [Number.NaN, Number.POSITIVE_INFINITY, 9e29, -9e29, 1e10, 1e-45, 0]
    const some = 1 + this.#below(large.length)
    const count = weightCount(network)
    const frame = encodeDense(new Float32Array(count))
    const view = new DataView(frame.buffer, frame.byteOffset)
    for (let i = 0; i < count; i++)
      view.setFloat32(16 + 4 * i, large[large.length - 1 - this.#below(some)]!, true)
    return sealed(frame)
  }

  #update({ run, round, version, network }: Target, body = this.#frame({ network }), samples = 100): Sent {
    const path = `/federation/v1/runs/${run}/rounds/${round}/update?base=${version}&samples=${samples}&loss=0.5`
    return this.#signed({ method: 'POST', path, body, headers: { 'content-type': UPDATE } })
  }

  #work(): Sent {
    const text = JSON.stringify({ holding: [], streams: ['service'], wait_seconds: 0 })
    const body = this.#mutate(Buffer.from(text))
    return this.#signed({
      method: 'POST',
      path: '/federation/v1/work',
      body,
      headers: { 'content-type': 'application/json' },
    })
  }

  /** Another body than was signed. */
  #broken(sent: Sent): Sent {
    return { ...sent, body: this.#mutate(sent.body) }
  }

  #garbled(sent: Sent): Sent {
    const names = Object.keys(sent.headers)
    const name = names[this.#below(names.length)]!
    const value = sent.headers[name]!
    const at = this.#below(value.length)
    const letter = String.fromCharCode(33 + this.#below(94))
    return {
      ...sent,
      headers: { ...sent.headers, [name]: value.slice(0, at) + letter + value.slice(at + 1) },
    }
  }

  #signed(sent: Sent, options: { nowMs?: number; key?: ReturnType<typeof newClientKey> } = {}): Sent {
    const { method, path, body } = sent
    const type = sent.headers['content-type']!
    const headers = this.#site.headers(method, path, body, { type, nonce: randomBytes(16), ...options })
    return { ...sent, headers }
  }

  async #send(sent: Sent): Promise<Answer | undefined> {
    if (this.#sent.length < KEPT) this.#sent.push(sent)
    else this.#sent[this.#below(KEPT)] = sent
    const { method, path, body, headers } = sent
    return this.#site.raw(method, path, body, headers)
  }

  /** The connection ends somewhere in the request. */
  #cutOff({ method, path, body, headers }: Sent): Promise<undefined> {
    const { hostname, port, host } = new URL(this.#site.url)
    const lines = Object.entries({ host, ...headers, 'content-length': String(body.length) })
    const head = `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
    const bytes = Buffer.concat([Buffer.from(head), body])
    const part = bytes.subarray(0, this.#below(bytes.length))
    return new Promise((resolve) => {
      const socket = connect(Number(port), hostname, () => socket.end(part))
      socket.on('error', () => {})
      socket.on('close', () => resolve(undefined))
      socket.resume()
    })
  }
}

const OTHER = { kind: 'lstm', inputs: 2, hidden: 5, layers: 1 } as const
const SOME_DENSE = encodeDense(Float32Array.from({ length: 64 }, (_, i) => Math.sin(i)))
