import { Button, type ButtonProps } from '@grafana/ui'
import { say } from '../text/say.ts'
import { may } from './may.ts'
import { type Action, rolesFor } from './permission.ts'

/** Why the person cannot do it; undefined: they can. */
export const refusalOf = (action: Action): string | undefined =>
  may(action)
    ? undefined
    : say(
        'permission.refused',
        'Your role does not cover this: it needs the permission {{action}}, which {{roles}} have by default.',
        { action: `adf-app.${action}`, roles: rolesFor(action).map(roleName).join(', ') },
      )

const roleName = (role: string): string =>
  role === 'Editor'
    ? say('permission.editors', 'editors')
    : role === 'Admin'
      ? say('permission.admins', 'admins')
      : say('permission.viewers', 'viewers')

/** A button for what not every role may do: whoever may not sees it disabled, and why. */
export function PermittedButton({ action, ...props }: ButtonProps & { action: Action }) {
  const refusal = refusalOf(action)
  if (refusal === undefined) return <Button {...props} />
  // A submit button would send its form even so.
  return <Button {...props} type="button" disabled tooltip={refusal} />
}
