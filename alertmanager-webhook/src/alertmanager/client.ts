import { readFile } from 'node:fs/promises'
import { z } from 'zod'

const Text = z.record(z.string().max(1024), z.string().max(65_536))
const Time = z.iso.datetime({ offset: true })

/** Of `GET /api/v2/alerts`, as far as it is looked at. */
export const GettableAlert = z.object({
  fingerprint: z.string().regex(/^[0-9a-f]{16}$/),
  labels: Text,
  annotations: Text.default({}),
  startsAt: Time,
  generatorURL: z.string().default(''),
  status: z.object({
    state: z.string(),
    silencedBy: z.array(z.string()).default([]),
    inhibitedBy: z.array(z.string()).default([]),
  }),
})
export type GettableAlert = z.output<typeof GettableAlert>

/** Of `GET /api/v2/silences`. */
export const GettableSilence = z.object({
  id: z.string().min(1).max(128),
  createdBy: z.string().default(''),
  comment: z.string().default(''),
  startsAt: Time,
  endsAt: Time,
  updatedAt: Time,
  matchers: z.array(z.looseObject({})),
})
export type GettableSilence = z.output<typeof GettableSilence>

export interface Credentials {
  readonly basicAuth: { readonly username: string; readonly passwordFile: string } | undefined
  readonly bearerTokenFile: string | undefined
}

/** An answer that is longer is not read to its end. */
const MOST_BYTES = 64 * 1024 * 1024

/** Asks one Alertmanager by its API v2. Credentials are read each time, so that they can be rotated. */
export class AlertmanagerClient {
  readonly #base: string
  readonly #credentials: Credentials
  readonly #timeoutMs: number

  constructor(base: string, credentials: Credentials, timeoutMs: number) {
    this.#base = base
    this.#credentials = credentials
    this.#timeoutMs = timeoutMs
  }

  /** Firing ones, those that are silenced or inhibited too. @throws when there is no sound answer */
  async alerts(signal: AbortSignal): Promise<GettableAlert[]> {
    return z.array(GettableAlert).parse(await this.#get('alerts', signal))
  }

  /** @throws when there is no sound answer */
  async silences(signal: AbortSignal): Promise<GettableSilence[]> {
    return z.array(GettableSilence).parse(await this.#get('silences', signal))
  }

  async #get(what: string, signal: AbortSignal): Promise<unknown> {
    const url = new URL(this.#base)
    const { username, password } = url
    url.username = ''
    url.password = ''
    url.pathname = `${url.pathname.replace(/\/+$/, '')}/api/v2/${what}`
    const authorization =
      username === ''
        ? await this.#authorization()
        : basic(decodeURIComponent(username), decodeURIComponent(password))
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { accept: 'application/json', ...(authorization !== undefined && { authorization }) },
      signal: AbortSignal.any([signal, AbortSignal.timeout(this.#timeoutMs)]),
    })
    if (!response.ok) {
      await response.body?.cancel()
      throw new Error(`${what}: status ${response.status}`)
    }
    return JSON.parse(await bounded(response))
  }

  async #authorization(): Promise<string | undefined> {
    const { basicAuth, bearerTokenFile } = this.#credentials
    if (basicAuth !== undefined) return basic(basicAuth.username, await secret(basicAuth.passwordFile))
    return bearerTokenFile === undefined ? undefined : `Bearer ${await secret(bearerTokenFile)}`
  }
}

async function bounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    if (size > MOST_BYTES) throw new Error(`an answer of more than ${MOST_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

const secret = async (file: string) => (await readFile(file, 'utf8')).trim()
const basic = (username: string, password: string) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
