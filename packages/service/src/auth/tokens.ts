import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { ProblemError } from '../http/problem.ts'

export const scopes = ['ingest', 'read', 'feedback', 'admin'] as const
/** What a token may do; `admin` implies the others. */
export type Scope = (typeof scopes)[number]

/** A token as configuration holds it: never the token, only its SHA-256 in hex. */
export interface TokenEntry {
  readonly name: string
  readonly sha256: string
  readonly scopes: readonly Scope[]
}

interface Known {
  readonly name: string
  readonly digest: Buffer
  readonly scopes: ReadonlySet<Scope>
}

export type Authorization =
  | { readonly ok: true; readonly name: string }
  | { readonly ok: false; readonly problem: ProblemError }

/**
 * Decides who may do what by bearer token. Without configured tokens everything is allowed, as `anonymous`: the listener
 * is then on loopback, behind client certificates, or told to be insecure.
 */
export class TokenAuthority {
  readonly #entries: readonly Known[]

  constructor(tokens: readonly TokenEntry[] = []) {
    this.#entries = tokens.map(({ name, sha256, scopes }) => ({
      name,
      digest: Buffer.from(sha256, 'hex'),
      scopes: new Set(scopes),
    }))
  }

  /** Whether requests need a token. */
  get required(): boolean {
    return this.#entries.length > 0
  }

  /** `header` is the value of `authorization`, as HTTP and gRPC metadata carry it. */
  check(header: string | undefined, scope: Scope): Authorization {
    if (!this.required) return { ok: true, name: 'anonymous' }
    const token = /^Bearer +([\w\-.~+/]+=*) *$/i.exec(header ?? '')?.[1]
    if (token === undefined)
      return { ok: false, problem: unauthenticated('needs the header authorization: Bearer TOKEN') }

    const digest = createHash('sha256').update(token).digest()
    let match: Known | undefined
    // No early exit: the time taken says nothing about which token is near.
    for (const entry of this.#entries) if (timingSafeEqual(entry.digest, digest)) match = entry
    if (match === undefined) return { ok: false, problem: unauthenticated('this token is not known here') }
    if (match.scopes.has(scope) || match.scopes.has('admin')) return { ok: true, name: match.name }
    return {
      ok: false,
      problem: new ProblemError(
        'forbidden',
        `token ${match.name} has ${[...match.scopes].join(', ')}, this needs ${scope}`,
      ),
    }
  }
}

/** A new random token (256 bits) and the digest to configure. */
export function createToken(): { token: string; sha256: string } {
  const token = `adf_${randomBytes(32).toString('base64url')}`
  return { token, sha256: createHash('sha256').update(token).digest('hex') }
}

const unauthenticated = (detail: string) =>
  new ProblemError('unauthenticated', detail, { headers: { 'www-authenticate': 'Bearer realm="adf"' } })
