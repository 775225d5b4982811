import { reason } from '../files/open.ts'

const TIMEOUT_MS = 5000

export interface Answer {
  /** 0: no answer at all; `error` says why. */
  readonly status: number
  readonly text: string
  readonly type: string
  readonly error: string
}

/** Asks a server over HTTP; never rejects. Redirects are not followed: no credentials go elsewhere. */
export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  try {
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    const text = await response.text()
    return { status: response.status, text, type: response.headers.get('content-type') ?? '', error: '' }
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    return { status: 0, text: '', type: '', error: reason(cause) || 'no answer' }
  }
}

/** The API of one ADF, with a token if there is one. */
export class AdfClient {
  readonly url: string
  readonly token: string | undefined

  constructor(url: string, token: string | undefined) {
    this.url = url.replace(/\/+$/, '')
    this.token = token
  }

  get(path: string): Promise<Answer> {
    return ask(`${this.url}${path}`, { headers: this.#headers() })
  }

  /** @param body JSON; left out: none */
  send(method: string, path: string, body?: string): Promise<Answer> {
    const init = { method: method.toUpperCase(), headers: this.#headers() }
    if (body === undefined) return ask(`${this.url}${path}`, init)
    return ask(`${this.url}${path}`, {
      ...init,
      headers: { ...init.headers, 'content-type': 'application/json' },
      body,
    })
  }

  #headers(): Record<string, string> {
    return this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }
  }
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
