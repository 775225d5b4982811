import { NEW_KEY, readPublicKey, verifyRequest } from '@adf/federation/signature'
import { type Endpoint, type Handle, mount, ProblemError, type RateLimiter, requireType } from '@adf/service'
import express, { type IRouter, type RequestHandler } from 'express'
import type { z } from 'zod'
import type { FederationMetrics } from '../metrics.ts'
import type { ClientStore } from '../store/store.ts'
import { signatureProblem } from './refusals.ts'

export interface SignedOptions {
  readonly clients: Pick<ClientStore, 'keyOf' | 'seen'>
  readonly rate: RateLimiter
  readonly metrics: Pick<FederationMetrics, 'refused'>
  readonly clock: () => number
  /** How far the time of a signature may be off. */
  readonly windowMs: number
}

const JSON_LIMIT = 262_144

/** Mounts routes for clients, who sign each request: is the body small enough, who signed it, was it there before, is it valid. */
export class SignedEndpoints {
  readonly #router: IRouter
  readonly #options: SignedOptions

  constructor(router: IRouter, options: SignedOptions) {
    this.#router = router
    this.#options = options
  }

  /**
   * @param enrolling the key comes with the body: nobody is known by it yet, and a replay gets the answer of the first
   * @param limitOf the largest body of a request, of JSON otherwise
   */
  on<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
    route: Endpoint<P, Q, B, A> & { readonly scope: 'client' },
    handle: Handle<P, Q, B, A>,
    {
      enrolling,
      limitOf = () => JSON_LIMIT,
    }: { enrolling?: (body: unknown) => string; limitOf?: (params: Record<string, unknown>) => number } = {},
  ): this {
    const { types } = route.body
    const guards = [
      ...(types.length === 0 ? [] : [requireType(types)]),
      readBody(limitOf),
      this.#verify(enrolling),
      ...(types.includes('application/json') ? [parseJson] : []),
    ]
    mount(this.#router, route, guards.map(this.#counted), handle)
    return this
  }

  #verify(enrolling: ((body: unknown) => string) | undefined): RequestHandler {
    const { clients, rate, clock, windowMs } = this.#options
    return async (request, response, next) => {
      const nowMs = clock()
      let revoked = false
      const body: Uint8Array = request.body
      const signed = {
        method: request.method,
        target: request.originalUrl,
        body,
        headers: request.rawHeaders,
      }
      const keyOf = async (keyId: string) => {
        if (enrolling !== undefined)
          return keyId === NEW_KEY ? readPublicKey(enrolling(jsonOf(body))) : undefined
        const key = await clients.keyOf(keyId)
        revoked = key?.revoked === true
        return key && readPublicKey(key.publicKey)
      }
      const signer = await verifyRequest(signed, { nowMs, windowMs, keyOf }).catch((error: unknown) => {
        throw signatureProblem(error, nowMs)
      })
      // Only who has the key is told that it was revoked.
      if (revoked)
        throw new ProblemError('revoked', `client ${signer.keyId} was revoked; it needs a new invitation`)
      const caller = enrolling === undefined ? signer.keyId : `address ${request.socket.remoteAddress ?? ''}`
      rate.take(caller, nowMs)
      if (enrolling === undefined) {
        const fresh = await clients.seen(signer.keyId, signer.nonce, nowMs, nowMs + 2 * windowMs + 1000)
        if (!fresh) throw new ProblemError('replayed', 'a request with this nonce was answered before')
        response.locals['caller'] = signer.keyId
      }
      next()
    }
  }

  /** Counts what a guard refuses. */
  readonly #counted = (guard: RequestHandler): RequestHandler => {
    const count = (error: unknown) => {
      if (error instanceof ProblemError) this.#options.metrics.refused.inc({ reason: error.code })
    }
    return async (request, response, next) => {
      try {
        await guard(request, response, (error?: unknown) => {
          count(error)
          next(error)
        })
      } catch (error) {
        count(error)
        throw error
      }
    }
  }
}

/** Bytes as they came: what is signed is the body as it was sent, so nothing is inflated. */
function readBody(limitOf: (params: Record<string, unknown>) => number): RequestHandler {
  return (request, response, next) => {
    const read = express.raw({ type: () => true, inflate: false, limit: limitOf(request.params) })
    read(request, response, (error?: unknown) => {
      if (error === undefined && !Buffer.isBuffer(request.body)) request.body = Buffer.alloc(0)
      next(error)
    })
  }
}

const parseJson: RequestHandler = (request, _response, next) => {
  request.body = jsonOf(request.body)
  next()
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (error) {
    throw new ProblemError(
      'malformed_body',
      `the body is not JSON: ${error instanceof Error ? error.message : ''}`,
      {
        cause: error,
      },
    )
  }
}
