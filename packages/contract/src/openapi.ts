import { z } from 'zod'
import { Problem } from './problem.ts'
import type { Api, Route, SignedRoute } from './route.ts'

type Json = Readonly<Record<string, unknown>>

export interface OpenApiDocument {
  readonly openapi: string
  readonly info: Json
  readonly servers: readonly Json[]
  /** path -> method -> operation */
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, unknown>>; readonly securitySchemes: Json }
}

interface Operation extends Json {
  readonly operationId: string
  readonly parameters: readonly Json[]
}

const statusText: Readonly<Record<number, string>> = {
  400: 'The request is not valid: `errors` lists every fault with its path. Nothing was changed',
  401: 'No token, or one that is not known',
  403: "The token's scopes do not allow this",
  404: 'There is no such thing',
  409: 'It does not fit what is there; `code` says how',
  410: 'It is no longer wanted; do not send it again',
  413: 'The request is too large',
  415: 'The content type is not one of those listed',
  429: 'Over the limit of this client: try again after `Retry-After`',
  500: 'A fault of the server; it is in the log',
  503: 'No room or not ready now: try again after `Retry-After`',
}

/** The OpenAPI 3.1 document of a service's API, made from its routes and their schemas. */
export function openApiDocument({ title, description, routes }: Api, version: string): OpenApiDocument {
  const components = new Components()
  const paths: Record<string, Record<string, Operation>> = {}
  for (const [operationId, route] of Object.entries(routes)) {
    const path = paths[route.path] ?? {}
    path[route.method] = operation(operationId, route, components)
    paths[route.path] = path
  }
  return {
    openapi: '3.1.1',
    info: {
      title,
      version,
      description,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas: components.sorted(),
      securitySchemes: securitySchemes(Object.values(routes)),
    },
  }
}

function securitySchemes(routes: readonly (Route | SignedRoute)[]): Json {
  const signed = routes.some(({ scope }) => scope === 'client')
  const tokens = routes.some(({ scope }) => scope !== 'client' && scope !== null)
  return {
    ...(tokens && {
      token: { type: 'http', scheme: 'bearer', description: 'needed once tokens are configured' },
    }),
    // OpenAPI has no scheme for signatures: it is told as the header that carries one.
    ...(signed && {
      signature: {
        type: 'apiKey',
        in: 'header',
        name: 'signature',
        description:
          'HTTP Message Signature (RFC 9421) by the Ed25519 key of the client, with `signature-input` and `content-digest` (RFC 9530)',
      },
    }),
  }
}

function operation(operationId: string, route: Route | SignedRoute, components: Components): Operation {
  const guarded = route.scope !== null
  const problems = [...(guarded ? [400, 401, 403] : []), ...(route.problems ?? []), 500]
  const { body, answer } = route
  const type = answer.type ?? 'application/json'
  return {
    operationId,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    security: guarded ? [route.scope === 'client' ? { signature: [] } : { token: [] }] : [],
    ...(guarded && route.scope !== 'client' ? { 'x-scope': route.scope } : {}),
    parameters: [
      ...parameters(route.params, 'path', components),
      ...parameters(route.query, 'query', components),
    ],
    ...(body.types.length === 0
      ? {}
      : {
          requestBody: {
            required: true,
            content: Object.fromEntries(body.types.map((t) => [t, components.media(body.schema, 'input')])),
          },
        }),
    responses: {
      [answer.status]: {
        description: answer.text,
        ...(answer.schema instanceof z.ZodUndefined
          ? {}
          : { content: { [type]: components.media(answer.schema, 'output') } }),
      },
      ...Object.fromEntries(
        problems.map((status) => [
          status,
          {
            description: statusText[status] ?? 'An error',
            content: { 'application/problem+json': { schema: components.refer(Problem, 'output') } },
          },
        ]),
      ),
    },
  }
}

function parameters(object: z.ZodObject, place: 'path' | 'query', components: Components): Json[] {
  return Object.entries(object.shape).map(([name, schema]) => {
    const json = components.refer(schema, 'input')
    const { description, ...rest } = json
    return {
      name,
      in: place,
      required: place === 'path' || !z.safeParse(schema, undefined).success,
      ...(description === undefined ? {} : { description }),
      schema: rest,
    }
  })
}

/** The named schemas that the operations use, gathered while they are written. */
class Components {
  readonly #schemas = new Map<string, string>()

  /** JSON Schema of `schema`, in which every schema with an id is a `$ref`. Throws when one id has two meanings. */
  refer(schema: z.core.$ZodType, io: 'input' | 'output'): Json {
    const wrapped = z.toJSONSchema(z.strictObject({ it: schema }), { io })
    const { $defs = {}, properties } = rebase(wrapped)
    for (const [id, definition] of Object.entries($defs)) {
      const text = JSON.stringify(definition)
      if ((this.#schemas.get(id) ?? text) !== text) throw new Error(`two schemas are called ${id}`)
      this.#schemas.set(id, text)
    }
    return properties['it'] ?? {}
  }

  /** Bytes are described by their media type alone: JSON Schema says nothing about them. */
  media(schema: z.core.$ZodType, io: 'input' | 'output'): Json {
    return schema instanceof z.ZodCustom ? {} : { schema: this.refer(schema, io) }
  }

  sorted(): Json {
    return Object.fromEntries(
      [...this.#schemas]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([id, text]) => [id, JSON.parse(text) as unknown]),
    )
  }
}

const Wrapped = z.object({
  $defs: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
  properties: z.record(z.string(), z.record(z.string(), z.unknown())),
})

function rebase(schema: z.core.JSONSchema.JSONSchema): z.infer<typeof Wrapped> {
  return Wrapped.parse(JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/')))
}
