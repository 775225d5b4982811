import { z } from 'zod'

/** Parameters of database and other addresses that say how to connect, and give nobody anything. */
const OPEN_PARAMETERS = new Set(['sslmode', 'sslrootcert', 'application_name', 'connect_timeout'])
const SECRET = '(secret)'

/** What may be a name of a credential, as a key of a configuration or of a map in it. */
export const isSecretName = (name: string): boolean =>
  /authorization|cookie|password|passwd|secret|token|api[-_]?key/i.test(name) && !name.endsWith('_file')

/**
 * An address as it may be shown: user, password, the values of its parameters and what follows `#` are `(secret)`. Text that is no address
 * comes back as it is.
 */
export function withoutCredentials(text: string): string {
  const [, scheme, authority = '', path = '', query = '', fragment = ''] =
    /^([a-z][a-z0-9+.-]*:\/\/)?([^/?#\s]*)([^?#]*)(\?[^#]*)?(#.*)?$/is.exec(text) ?? []
  // `host:port` alone has neither.
  if (scheme === undefined) return text
  // A password may hold an @ by mistake: the last one ends it.
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  const user = host === authority ? '' : `${SECRET}@`
  return `${scheme}${user}${host}${path}${query === '' ? '' : `?${query.slice(1).split('&').map(shownParameter).join('&')}`}${fragment === '' ? '' : `#${SECRET}`}`
}

function shownParameter(parameter: string): string {
  const at = parameter.indexOf('=')
  if (at < 0) return parameter === '' ? '' : SECRET
  const name = parameter.slice(0, at)
  return OPEN_PARAMETERS.has(name) ? parameter : `${name}=${SECRET}`
}

/** An http(s) address that is told to others, in logs, answers or alerts: it can hold no credentials. */
export const openUrl = (instead: string) =>
  z.url({ protocol: /^https?$/ }).superRefine((text, context) => {
    const url = URL.parse(text)
    if (url !== null && (url.username !== '' || url.password !== ''))
      context.addIssue({
        code: 'custom',
        message: `holds a user or password, which would be seen: ${instead}`,
      })
  })
