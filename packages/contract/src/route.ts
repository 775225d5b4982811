import { z } from 'zod'
import { Instant } from './scalar.ts'

/** What a bearer token may do. `admin` includes the others. */
export type Scope = 'ingest' | 'read' | 'feedback' | 'admin'

/** One endpoint, declared once: the server validates by it and the OpenAPI document is made from it. */
export interface Route {
  readonly method: 'get' | 'post' | 'put' | 'delete'
  /** OpenAPI template, such as `/api/anomalies/{id}`. */
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  /** null: open to everybody, tokens or not. */
  readonly scope: Scope | null
  readonly params: z.ZodObject
  /** Every value arrives as a string; an unknown parameter is an error. */
  readonly query: z.ZodObject
  /** `types` is empty when there is none. */
  readonly body: { readonly schema: z.ZodType; readonly types: readonly string[] }
  readonly answer: {
    readonly status: 101 | 200 | 201 | 204
    readonly text: string
    /** `z.undefined()` when there is no body. */
    readonly schema: z.ZodType
    readonly type?: string
  }
  /** Statuses of its own beside those that every endpoint may answer (400, 401, 403, 500). */
  readonly problems?: readonly number[]
}

/** An endpoint for enrolled clients of the federation, which sign each request (docs/formats/federation.md). */
export interface SignedRoute extends Omit<Route, 'scope'> {
  readonly scope: 'client'
}

/** All endpoints of one service. */
export interface Api {
  readonly title: string
  readonly description: string
  readonly routes: Readonly<Record<string, Route | SignedRoute>>
}

const nothing = z.strictObject({})
/** Of a route that takes nothing. */
export const none = { params: nothing, query: nothing, body: { schema: z.undefined(), types: [] } } as const

/** Query of a list that comes in pages. */
export const page = {
  limit: z.coerce.number().int().min(1).max(500).default(50).meta({ description: 'items on a page' }),
  cursor: z.string().min(1).max(1024).optional().meta({ description: '`next_cursor` of the page before' }),
}

/** Query of a list that can be cut to a time. */
export const timeRange = {
  from: Instant.optional().meta({ description: 'earliest time, inclusive' }),
  to: Instant.optional().meta({ description: 'latest time, exclusive' }),
}

/** Parameters of a route of one thing. */
export const id = z.strictObject({ id: z.string().min(1).max(64) })

/** Parameters of a route of one stream. */
export const stream = z.strictObject({ stream: z.string().min(1).max(64) })

/** The type of most bodies. */
export const json = 'application/json'
