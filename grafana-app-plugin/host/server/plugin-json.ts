import { readFileSync } from 'node:fs'
import { z } from 'zod'

const Route = z.looseObject({
  path: z.string(),
  method: z.string().optional(),
  url: z.string(),
  reqAction: z.string().optional(),
  headers: z.array(z.looseObject({ name: z.string(), content: z.string() })).optional(),
})
export type PluginRoute = z.infer<typeof Route>

/** What of an app's plugin.json the console goes by. */
const PluginJson = z.looseObject({
  id: z.string(),
  name: z.string(),
  info: z.looseObject({ version: z.string() }),
  includes: z.array(
    z.looseObject({
      type: z.string(),
      name: z.string(),
      path: z.string().default(''),
      icon: z.string().default('apps'),
      role: z.string().optional(),
      addToNav: z.boolean().default(false),
    }),
  ),
  roles: z.array(
    z.looseObject({
      role: z.looseObject({ permissions: z.array(z.looseObject({ action: z.string() })) }),
      grants: z.array(z.string()),
    }),
  ),
  routes: z.array(Route),
})
export type PluginJson = z.infer<typeof PluginJson>

/** Throws when the file is absent or not an app's. */
export const readPluginJson = (path: string): PluginJson =>
  PluginJson.parse(JSON.parse(readFileSync(path, 'utf8')))

export type Role = 'Viewer' | 'Editor' | 'Admin'

/** Actions that `roles` of the plugin grant to an organisation's role. */
export const permissionsOf = (plugin: PluginJson, role: Role): readonly string[] => [
  ...new Set(
    plugin.roles
      .filter(({ grants }) => grants.includes(role))
      .flatMap(({ role: { permissions } }) => permissions.map(({ action }) => action)),
  ),
]

/** What of a nested plugin's plugin.json the console goes by. */
const NestedJson = z.looseObject({
  id: z.string(),
  type: z.enum(['datasource', 'panel']),
  name: z.string(),
  info: z.looseObject({ version: z.string() }),
  routes: z.array(Route).default([]),
})
export type NestedJson = z.infer<typeof NestedJson>

/** Throws when the file is absent or not a nested plugin's. */
export const readNestedJson = (path: string): NestedJson =>
  NestedJson.parse(JSON.parse(readFileSync(path, 'utf8')))
