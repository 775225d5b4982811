import { randomBytes } from 'node:crypto'
import { Enrolment, Invitation, Work } from '@adf/contract/federation'
import { type ClientKey, NEW_KEY, newClientKey, signRequest } from '@adf/federation/signature'
import { type Dispatcher, request } from 'undici'

export interface Answer {
  readonly status: number
  readonly body: Uint8Array
}

export interface Signing {
  readonly type?: string
  readonly key?: ClientKey
  readonly nowMs?: number
  readonly nonce?: Uint8Array
}

/** The least that can talk to a federation server as one of its clients: thousands of them fit one process. What it holds is what it says that it holds. */
export class Site {
  url: string
  id: string
  readonly key: ClientKey
  readonly #dispatcher: Dispatcher

  constructor(url: string, dispatcher: Dispatcher, identity: { id: string; key: ClientKey }) {
    this.url = url
    this.id = identity.id
    this.key = identity.key
    this.#dispatcher = dispatcher
  }

  static async enrol(url: string, dispatcher: Dispatcher, name: string): Promise<Site> {
    const site = new Site(url, dispatcher, { id: NEW_KEY, key: newClientKey() })
    const body = Buffer.from('{}')
    const invited = await site.raw('POST', '/api/invitations', body, { 'content-type': 'application/json' })
    const { token } = Invitation.parse(json(expected(invited, 201)))
    const enrolled = await site.post('/federation/v1/clients', {
      token,
      name,
      public_key: site.key.publicKey,
    })
    site.id = Enrolment.parse(json(expected(enrolled, 201))).client_id
    return site
  }

  async raw(
    method: Dispatcher.HttpMethod,
    path: string,
    body: Uint8Array | undefined,
    headers: Record<string, string>,
  ): Promise<Answer> {
    const { statusCode, body: answer } = await request(`${this.url}${path}`, {
      dispatcher: this.#dispatcher,
      method,
      headers,
      body: body ?? null,
      headersTimeout: 120_000,
    })
    return { status: statusCode, body: await answer.bytes() }
  }

  /** What stands in the headers of a signed request. */
  headers(
    method: string,
    target: string,
    body: Uint8Array,
    { type = 'application/json', key = this.key, nowMs = Date.now(), nonce = randomBytes(16) }: Signing = {},
  ): Record<string, string> {
    const signed = signRequest(
      { method, target, body },
      { keyId: this.id, privateKey: key.privateKey, nowMs, nonce },
    )
    return { ...signed, 'content-type': type }
  }

  post(path: string, message: unknown): Promise<Answer> {
    const body = Buffer.from(JSON.stringify(message))
    return this.raw('POST', path, body, this.headers('POST', path, body))
  }

  get(path: string): Promise<Answer> {
    return this.raw('GET', path, undefined, this.headers('GET', path, new Uint8Array()))
  }

  /** What there is to do in a run, at once or within so long. */
  async work(
    run: string,
    holding: { version: number; hash: string } | undefined,
    waitSeconds: number,
  ): Promise<Work['runs'][number]> {
    const held = holding === undefined ? [] : [{ run, ...holding }]
    const message = { holding: held, streams: ['service'], wait_seconds: waitSeconds }
    const answer = await this.post('/federation/v1/work', message)
    const found = Work.parse(json(expected(answer, 200))).runs.find((each) => each.run === run)
    if (found === undefined) throw new Error(`no work of ${run}`)
    return found
  }

  submit(run: string, round: number, base: number, frame: Uint8Array): Promise<Answer> {
    const path = `/federation/v1/runs/${run}/rounds/${round}/update?base=${base}&samples=100&loss=0.5`
    const headers = this.headers('POST', path, frame, { type: 'application/vnd.adf.update' })
    return this.raw('POST', path, frame, headers)
  }
}

export function expected(answer: Answer, status: number): Answer {
  if (answer.status !== status)
    throw new Error(`${answer.status} in place of ${status}: ${Buffer.from(answer.body).toString()}`)
  return answer
}

export const json = ({ body }: Answer): unknown => JSON.parse(Buffer.from(body).toString())
