import plugin from '../plugin.json' with { type: 'json' }

/** What a route of plugin.json asks for, without the app's id. */
export type Action = 'feedback:write' | 'anomalies:delete' | 'thresholds:write' | 'federation:review'

/** Of Grafana's signed-in user what decides. */
export interface Person {
  readonly orgRole: string
  readonly permissions?: Readonly<Record<string, boolean>>
}

/**
 * Whether the person may do what routes with this `reqAction` do. Grafana tells a page the actions of its user; where it names none of
 * the app's (access control by roles alone), what `roles` of plugin.json grant to the organisation's role decides, as in the proxy.
 */
export function mayDo(person: Person, action: Action): boolean {
  const full = `${plugin.id}.${action}`
  const told = Object.keys(person.permissions ?? {}).some((name) => name.startsWith(`${plugin.id}.`))
  if (told) return person.permissions?.[full] === true
  return rolesFor(action).includes(person.orgRole)
}

/** Roles of an organisation that plugin.json grants the action to. */
export const rolesFor = (action: Action): readonly string[] => [
  ...new Set(
    plugin.roles
      .filter(({ role }) => role.permissions.some((one) => one.action === `${plugin.id}.${action}`))
      .flatMap(({ grants }) => grants),
  ),
]
