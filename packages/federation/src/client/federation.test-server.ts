import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type Enrolment,
  EnrolmentRequest,
  type FederatedModel,
  KeyRotation,
  type Receipt,
  type RoundWork,
  type Work,
  WorkRequest,
} from '@adf/contract/federation'
import { decodeUpdate, encodeDelta, encodeDense } from '@adf/detectors/update'
import { firstWeights } from '../model/federated-model.ts'
import { weightsHash } from '../model/weight-bytes.ts'
import { NEW_KEY, provesRotation, readPublicKey } from '../signature/keys.ts'
import { SignatureError } from '../signature/signature-error.ts'
import { verifyRequest } from '../signature/verify.ts'

interface Refusal {
  readonly status: number
  readonly code: string
  readonly headers?: Record<string, string>
}

/** What is to happen to a request: refused, not answered at all, or handled with its answer lost. */
export type Fault = Refusal | 'unanswered' | 'answer_lost'

interface Reply {
  readonly status: number
  readonly body: Uint8Array | object | undefined
}

const WINDOW_MS = 300_000

/** The server's end of the protocol, in memory, over real HTTP: for tests of the client, which may break it on purpose. */
export class TestServer {
  readonly model: FederatedModel
  readonly #server: Server
  readonly tokens = new Set(['token-1'])
  readonly clients = new Map<string, { name: string; key: string }>()
  readonly #enrolled = new Map<string, Enrolment>()
  readonly #nonces = new Set<string>()
  readonly versions: Float32Array[]
  readonly #deltas: Uint8Array[] = []
  /** The oldest version of which a dense frame is kept, and from which on deltas are. */
  kept = 0
  readonly updates = new Map<
    string,
    { receipt: Receipt; body: Uint8Array; values: Float32Array; samples: number }
  >()
  round: RoundWork | null = null
  /** How far its clock is ahead of the test's. */
  aheadMs = 0
  clock = Date.now
  /** Asked for each request, in the order in which they come. */
  fault: (request: string) => Fault | undefined = () => undefined
  /** `METHOD path?query` of each. */
  readonly seen: string[] = []
  /** Sent as the answer of every request, instead of its own. */
  raw: Uint8Array | undefined
  bytes = { up: 0, down: 0 }
  lastHolding: unknown

  constructor(model: FederatedModel) {
    this.model = model
    this.versions = [firstWeights(model)]
    this.#server = createServer((request, response) => void this.#serve(request, response))
  }

  async start(port = 0): Promise<string> {
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${this.port}`
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  get version(): number {
    return this.versions.length - 1
  }

  /** The next global version: what clients come to hold by a delta towards these weights. */
  advance(target: Float32Array, step = 2): void {
    const { bytes, held } = encodeDelta(this.versions.at(-1)!, target, step)
    this.#deltas.push(bytes)
    this.versions.push(held)
  }

  ask(round: number, step = 2): void {
    this.round = {
      round,
      base: this.version,
      deadline: new Date(this.#nowMs() + 60_000).toISOString(),
      training: { epochs: 1, batch_size: 8, learning_rate: 0.003, proximal: 0 },
      step,
      privacy: null,
      secure_aggregation: false,
    }
  }

  #nowMs(): number {
    return this.clock() + this.aheadMs
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await request.toArray())
    const { method = '', url = '', rawHeaders } = request
    this.seen.push(`${method} ${url}`)
    this.bytes.up += body.length
    const fault = this.fault(`${method} ${url}`)
    if (fault === 'unanswered') return void request.socket.destroy()
    const reply =
      typeof fault === 'object'
        ? { status: fault.status, body: { type: 'about:blank', title: fault.code, ...fault } }
        : await this.#handle(method, url, rawHeaders, body)
    if (fault === 'answer_lost') return void request.socket.destroy()
    const bytes =
      this.raw ??
      (reply.body instanceof Uint8Array
        ? reply.body
        : Buffer.from(reply.body ? JSON.stringify(reply.body) : ''))
    this.bytes.down += bytes.length
    response.setHeader('date', new Date(this.#nowMs()).toUTCString())
    const headers = typeof fault === 'object' ? fault.headers : undefined
    response.writeHead(reply.status, headers).end(bytes)
  }

  async #handle(method: string, target: string, headers: readonly string[], body: Buffer): Promise<Reply> {
    try {
      const enrolling = target === '/federation/v1/clients'
      const { keyId, nonce } = await verifyRequest(
        { method, target, headers, body },
        {
          nowMs: this.#nowMs(),
          windowMs: WINDOW_MS,
          keyOf: (id) => {
            const key =
              enrolling && id === NEW_KEY
                ? EnrolmentRequest.parse(JSON.parse(body.toString())).public_key
                : this.clients.get(id)?.key
            return key === undefined ? undefined : readPublicKey(key)
          },
        },
      )
      if (this.#nonces.has(nonce)) return refused(401, 'replayed')
      this.#nonces.add(nonce)
      return this.#route(`${method} ${target}`, keyId, body)
    } catch (error) {
      if (error instanceof SignatureError) return refused(401, error.code)
      return refused(400, 'invalid_request')
    }
  }

  #route(request: string, clientId: string, body: Buffer): Reply {
    const time = new Date(this.#nowMs()).toISOString()
    const [, version, kind] =
      /^GET \/federation\/v1\/runs\/r1\/versions\/(\d+)(\/delta)?$/.exec(request) ?? []
    if (version !== undefined) return this.#frame(Number(version), kind !== undefined)
    const update = /^POST \/federation\/v1\/runs\/r1\/rounds\/(\d+)\/update\?base=(\d+)&samples=(\d+)/.exec(
      request,
    )
    if (update !== null) {
      const [round, base, samples] = update.slice(1).map(Number)
      return this.#take(clientId, { round: round!, base: base!, samples: samples! }, body, time)
    }
    if (request === 'GET /federation/v1/runs/r1') return ok({ run: 'r1', model: this.model })
    if (request === 'POST /federation/v1/work')
      return ok(this.#work(clientId, WorkRequest.parse(JSON.parse(body.toString())), time))
    if (request === 'POST /federation/v1/clients')
      return this.#enrol(EnrolmentRequest.parse(JSON.parse(body.toString())), time)
    if (request === `PUT /federation/v1/clients/${clientId}/key`)
      return this.#rotate(clientId, KeyRotation.parse(JSON.parse(body.toString())))
    return refused(404, 'not_found')
  }

  #work(clientId: string, { holding, streams, watching }: WorkRequest, time: string): Work {
    this.lastHolding = holding
    const { round } = this
    const idle = !streams.includes(this.model.stream)
    const delivered = round !== null && this.updates.has(`${clientId} ${round.round}`)
    const run = {
      run: 'r1',
      version: this.version,
      hash: weightsHash(this.versions.at(-1)!),
      round: idle || delivered ? null : round,
    }
    return { time, runs: idle && !watching.includes(this.model.stream) ? [] : [run], poll_seconds: 0 }
  }

  #enrol({ token, name, public_key }: EnrolmentRequest, time: string): Reply {
    const before = this.#enrolled.get(`${token} ${public_key}`)
    if (before !== undefined) return { status: 201, body: before }
    if (!this.tokens.delete(token)) return refused(403, 'invitation_refused')
    const enrolment = { client_id: randomUUID(), sample_cap: 10_000, time }
    this.clients.set(enrolment.client_id, { name, key: public_key })
    this.#enrolled.set(`${token} ${public_key}`, enrolment)
    return { status: 201, body: enrolment }
  }

  #rotate(id: string, { public_key, proof }: KeyRotation): Reply {
    const client = this.clients.get(id)
    if (client === undefined || !provesRotation(id, public_key, proof)) return refused(400, 'invalid_request')
    client.key = public_key
    return { status: 204, body: undefined }
  }

  #frame(version: number, delta: boolean): Reply {
    const weights = this.versions[version]
    if (weights === undefined || version === 0 || version < this.kept) return refused(404, 'not_found')
    return ok(delta ? this.#deltas[version - 1]! : encodeDense(weights))
  }

  #take(
    clientId: string,
    { round, base, samples }: { round: number; base: number; samples: number },
    body: Buffer,
    time: string,
  ): Reply {
    const key = `${clientId} ${round}`
    const hash = createHash('sha256').update(body).digest('hex')
    const before = this.updates.get(key)
    if (before !== undefined)
      return before.receipt.hash === hash ? ok(before.receipt) : refused(409, 'update_conflict')
    const held = this.versions[base]
    if (held === undefined || base < this.kept) return refused(409, 'unknown_base')
    const receipt = { run: 'r1', round, client_id: clientId, hash, late: round !== this.round?.round, time }
    this.updates.set(key, { receipt, body, values: decodeUpdate(body, held.length), samples })
    return ok(receipt)
  }
}

const ok = (body: Uint8Array | object): Reply => ({ status: 200, body })
const refused = (status: number, code: string): Reply => ({
  status,
  body: { type: 'about:blank', title: code, status, code },
})
