import { randomBytes } from 'node:crypto'
import { Enrolment, Receipt, Work } from '@adf/contract/federation'
import { initialWeights, type NetworkSpec, normal, seeded } from '@adf/detectors'
import { applyDelta, compressUpdate, decodeUpdate } from '@adf/detectors/update'
import { type ClientKey, NEW_KEY, newClientKey, signRequest } from '@adf/federation/signature'
import { weightsHash } from '@adf/federation/weights'

export interface Answer {
  readonly status: number
  readonly body: Uint8Array
  readonly headers: Headers
  json(): unknown
}

export interface SendOptions {
  readonly type?: string
  readonly key?: ClientKey
  readonly keyId?: string
  readonly nowMs?: number
  readonly nonce?: Uint8Array
  /** Sent in place of what was signed. */
  readonly body?: Uint8Array
}

/** A client that does as it is told, and can be told to do wrong: requests signed over real HTTP, weights as clients follow them. */
export class TestClient {
  url: string
  key: ClientKey
  id = ''
  /** Its updates follow from it. */
  number = 1
  version = 0
  weights: Float32Array
  readonly network: NetworkSpec
  readonly seed: number

  constructor(url: string, network: NetworkSpec, seed: number, key = newClientKey()) {
    this.url = url
    this.network = network
    this.seed = seed
    this.key = key
    this.weights = initialWeights(network, seed).values
  }

  async send(method: string, path: string, body: Uint8Array, options: SendOptions = {}): Promise<Answer> {
    const { type = 'application/json', key = this.key, keyId = this.id } = options
    const { nowMs = Date.now(), nonce = randomBytes(16) } = options
    const headers = signRequest(
      { method, target: path, body },
      { keyId, privateKey: key.privateKey, nowMs, nonce },
    )
    return this.raw(method, path, options.body ?? body, { ...headers, 'content-type': type })
  }

  async raw(
    method: string,
    path: string,
    body: Uint8Array,
    headers: Record<string, string>,
  ): Promise<Answer> {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers,
      ...(method !== 'GET' && { body: new Uint8Array(body) }),
    })
    const bytes = new Uint8Array(await answer.arrayBuffer())
    return {
      status: answer.status,
      body: bytes,
      headers: answer.headers,
      json: () => JSON.parse(Buffer.from(bytes).toString()),
    }
  }

  post(path: string, message: unknown, options?: SendOptions): Promise<Answer> {
    return this.send('POST', path, Buffer.from(JSON.stringify(message)), options)
  }

  async enrol(token: string, name: string): Promise<Answer> {
    const answer = await this.post(
      '/federation/v1/clients',
      { token, name, public_key: this.key.publicKey },
      { keyId: NEW_KEY },
    )
    if (answer.status === 201) this.id = Enrolment.parse(answer.json()).client_id
    return answer
  }

  async poll(run: string, waitSeconds = 0): Promise<Work['runs'][number]> {
    const holding = [{ run, version: this.version, hash: weightsHash(this.weights) }]
    const answer = await this.post('/federation/v1/work', {
      holding,
      streams: ['service'],
      wait_seconds: waitSeconds,
    })
    if (answer.status !== 200) throw new Error(`poll: ${answer.status} ${Buffer.from(answer.body)}`)
    return Work.parse(answer.json()).runs.find((each) => each.run === run)!
  }

  /** Polls until a round asks for an update, and follows the weights to its base. */
  async untilAsked(run: string): Promise<NonNullable<Work['runs'][number]['round']>> {
    for (let poll = 0; poll < 200; poll++) {
      const { round, version } = await this.poll(run, 20)
      await this.follow(run, round?.base ?? version)
      if (round !== null) return round
    }
    throw new Error('never asked')
  }

  /** Polls until a version is there, and follows to it. */
  async until(run: string, version: number): Promise<void> {
    while (this.version < version) {
      const work = await this.poll(run, 20)
      await this.follow(run, work.version)
    }
  }

  async follow(run: string, version: number): Promise<void> {
    while (this.version < version) {
      const path = `/federation/v1/runs/${run}/versions/${this.version + 1}/delta`
      const { status, body } = await this.send('GET', path, new Uint8Array())
      if (status !== 200) return this.resync(run, version)
      this.weights = applyDelta(this.weights, body)
      this.version++
    }
  }

  async resync(run: string, version: number): Promise<void> {
    const { status, body } = await this.send(
      'GET',
      `/federation/v1/runs/${run}/versions/${version}`,
      new Uint8Array(),
    )
    if (status !== 200) throw new Error(`version ${version}: ${status}`)
    this.weights = decodeUpdate(body, this.weights.length)
    this.version = version
  }

  submit(
    run: string,
    round: number,
    body: Uint8Array,
    {
      base = this.version,
      samples = 100,
      ...options
    }: SendOptions & { base?: number; samples?: number } = {},
  ): Promise<Answer> {
    const path = `/federation/v1/runs/${run}/rounds/${round}/update?base=${base}&samples=${samples}&loss=0.5`
    return this.send('POST', path, body, { type: 'application/vnd.adf.update', ...options })
  }

  /** The update that it makes in a round: the same for the same client and round. */
  update(round: number, step = 1, size = 0.01): Uint8Array {
    const rng = seeded(1000 * this.number + 7 * round)
    // A direction that all share in all rounds, so that a late one is no stranger, and one of its own.
    const shared = seeded(4711)
    const values = this.weights.map(() => size * (normal(shared) + 0.5 * normal(rng)))
    return compressUpdate(values, step).bytes
  }

  /** Takes part in one round, whichever is the next. */
  async takePart(run: string): Promise<Receipt> {
    const { round, step } = await this.untilAsked(run)
    const answer = await this.submit(run, round, this.update(round, step))
    if (answer.status !== 200) throw new Error(`round ${round}: ${answer.status} ${Buffer.from(answer.body)}`)
    return Receipt.parse(answer.json())
  }

  /** Takes part in rounds until a version is there. */
  async takePartUntil(run: string, version: number): Promise<void> {
    while (this.version < version) {
      const work = await this.poll(run, 5)
      await this.follow(run, work.version)
      const { round } = work
      if (round === null || this.version !== round.base) continue
      const answer = await this.submit(run, round.round, this.update(round.round, round.step))
      if (answer.status !== 200) throw new Error(`round ${round.round}: ${answer.status}`)
    }
  }

  /** The same client, at the beginning. */
  copy(): TestClient {
    const copy = new TestClient(this.url, this.network, this.seed, this.key)
    copy.id = this.id
    copy.number = this.number
    return copy
  }
}
