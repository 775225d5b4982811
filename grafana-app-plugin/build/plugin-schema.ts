import { z } from 'zod'

/** What Grafana's reference of plugin.json says of the fields that these plugins have; any other key is a mistake. */
const Logos = z.strictObject({ small: z.string().endsWith('.svg'), large: z.string().endsWith('.svg') })

const Info = z.strictObject({
  description: z.string().min(1),
  keywords: z.array(z.string().min(1)).min(1),
  author: z.strictObject({ name: z.string(), email: z.email().optional(), url: z.url().optional() }),
  logos: Logos,
  screenshots: z.array(z.strictObject({ name: z.string(), path: z.string() })),
  links: z.array(z.strictObject({ name: z.string(), url: z.url() })).optional(),
  version: z.string().regex(/^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/),
  updated: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
})

const Role = z.enum(['Viewer', 'Editor', 'Admin'])

const Include = z.strictObject({
  type: z.enum(['page', 'dashboard', 'panel', 'datasource']),
  name: z.string().min(1),
  uid: z.string().optional(),
  path: z.string().optional(),
  role: Role.optional(),
  action: z.string().optional(),
  icon: z.string().optional(),
  addToNav: z.boolean().optional(),
  defaultNav: z.boolean().optional(),
})

const Route = z.strictObject({
  path: z.string().min(1).regex(/^[^/]/),
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', '*', '']).optional(),
  url: z.string().regex(/^\{\{ \.JsonData\.\w+ \}\}/),
  reqAction: z.string().optional(),
  reqRole: Role.optional(),
  headers: z.array(z.strictObject({ name: z.string(), content: z.string() })).optional(),
})

const Permission = z.strictObject({ action: z.string(), scope: z.string().optional() })

const common = {
  $schema: z.url(),
  name: z.string().min(1),
  info: Info,
  dependencies: z.strictObject({
    grafanaDependency: z.string().regex(/^>=\d+\.\d+\.\d+$/),
    plugins: z.array(z.never()),
  }),
}
const id = (type: string) => z.string().regex(new RegExp(`^[0-9a-z]+-([0-9a-z]+-)?${type}$`))

const AddedLink = z.strictObject({
  targets: z.array(z.string().regex(/^(grafana|plugins)\//)).min(1),
  title: z.string().min(10),
  description: z.string(),
})

export const PluginSchema = z.discriminatedUnion('type', [
  z.strictObject({
    ...common,
    type: z.literal('app'),
    id: id('app'),
    preload: z.boolean(),
    autoEnabled: z.boolean(),
    includes: z.array(Include),
    roles: z.array(
      z.strictObject({
        role: z.strictObject({
          name: z.string(),
          description: z.string(),
          permissions: z.array(Permission),
        }),
        grants: z.array(Role),
      }),
    ),
    routes: z.array(Route),
    extensions: z.strictObject({
      addedLinks: z.array(AddedLink),
      addedComponents: z.array(z.never()),
      exposedComponents: z.array(z.never()),
      extensionPoints: z.array(z.never()),
    }),
  }),
  z.strictObject({
    ...common,
    type: z.literal('datasource'),
    id: id('datasource'),
    metrics: z.boolean(),
    annotations: z.boolean(),
    logs: z.boolean(),
    tracing: z.boolean(),
    // Both need a part in Go, which there is none of.
    alerting: z.literal(false),
    backend: z.literal(false),
    streaming: z.boolean(),
    category: z.enum([
      'tsdb',
      'logging',
      'cloud',
      'tracing',
      'profiling',
      'sql',
      'enterprise',
      'iot',
      'other',
    ]),
    routes: z.array(Route),
  }),
  z.strictObject({
    ...common,
    type: z.literal('panel'),
    id: id('panel'),
    skipDataQuery: z.boolean().optional(),
  }),
])
