import { readFile } from 'node:fs/promises'
import type { PostableAlert } from './alert.ts'

export interface Credentials {
  readonly basicAuth?: { readonly username: string; readonly passwordFile: string } | undefined
  readonly bearerTokenFile?: string | undefined
}

/** `rejected`: this very request will never be taken. Everything else may be tried again. */
export type Outcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: FailureReason; readonly message: string }
export type FailureReason =
  | 'rejected'
  | 'unauthorized'
  | 'redirect'
  | 'status'
  | 'timeout'
  | 'connection'
  | 'credentials'

/** Posts alerts to one Alertmanager. Never rejects. Credentials are read each time, so that they can be rotated. */
export async function postAlerts(
  base: string,
  alerts: readonly PostableAlert[],
  { credentials, timeoutMs, signal }: { credentials: Credentials; timeoutMs: number; signal: AbortSignal },
): Promise<Outcome> {
  const url = new URL(base)
  const { username, password } = url
  url.username = ''
  url.password = ''
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/api/v2/alerts`
  let authorization: string | undefined
  try {
    authorization =
      username === ''
        ? await authorizationOf(credentials)
        : basic(decodeURIComponent(username), decodeURIComponent(password))
  } catch (error) {
    return { ok: false, reason: 'credentials', message: text(error) }
  }
  try {
    const response = await fetch(url, {
      method: 'POST',
      // Followed, a POST would become a GET of the list of alerts, and its 200 would pass for their acceptance.
      redirect: 'manual',
      headers: {
        'content-type': 'application/json',
        ...(authorization === undefined ? {} : { authorization }),
      },
      body: JSON.stringify(alerts),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    const body = await response.text()
    const { ok, status, headers } = response
    if (ok) return { ok: true }
    const reason = reasonOf(status)
    const said = reason === 'redirect' ? redirection(headers.get('location')) : body
    return { ok: false, reason, message: `${status} ${said.slice(0, 300)}` }
  } catch (error) {
    const late = error instanceof Error && error.name === 'TimeoutError'
    return { ok: false, reason: late ? 'timeout' : 'connection', message: text(error) }
  }
}

function reasonOf(status: number): FailureReason {
  if (status === 400 || status === 413 || status === 422) return 'rejected'
  if (status >= 300 && status < 400) return 'redirect'
  return status === 401 || status === 403 ? 'unauthorized' : 'status'
}

const redirection = (location: string | null) =>
  `redirects to ${location ?? 'nowhere'}; redirects are not followed: configure the final address`

async function authorizationOf({ basicAuth, bearerTokenFile }: Credentials): Promise<string | undefined> {
  if (basicAuth !== undefined) return basic(basicAuth.username, await secret(basicAuth.passwordFile))
  if (bearerTokenFile !== undefined) return `Bearer ${await secret(bearerTokenFile)}`
  return undefined
}

const secret = async (file: string) => (await readFile(file, 'utf8')).trim()

const basic = (username: string, password: string) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

/** fetch() says only "fetch failed"; the cause says why. */
function text(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
