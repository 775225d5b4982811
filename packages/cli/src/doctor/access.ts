import { routes } from '@adf/contract'
import type { AdfClient } from './adf-client.ts'
import { type Finding, fault, ok } from './finding.ts'

/** Requests that are refused for their content after the token was looked at: nothing changes. */
const PROBES = [
  { scope: 'read', method: routes.getStatus.method, path: routes.getStatus.path, body: undefined },
  { scope: 'ingest', method: 'post', path: '/api/events/adf-doctor', body: '[]' },
  { scope: 'feedback', method: routes.giveFeedback.method, path: routes.giveFeedback.path, body: '{}' },
  { scope: 'admin', method: routes.setThreshold.method, path: routes.setThreshold.path, body: '{}' },
] as const

/** Which scopes the token has, by asking for each. */
export async function checkToken(client: AdfClient): Promise<Finding> {
  const answers = await Promise.all(
    PROBES.map(async ({ scope, method, path, body }) => {
      const { status } = body === undefined ? await client.get(path) : await client.send(method, path, body)
      return { scope, status }
    }),
  )
  if (answers.some(({ status }) => status === 401))
    return client.token === undefined
      ? fault('token', 'ADF asks for a token', 'give one by --token or ADF_TOKEN; adf token makes one')
      : fault(
          'token',
          'ADF does not know this token',
          'put its SHA-256 (adf token prints it) into auth.tokens and start ADF again',
        )
  const may = answers.filter(({ status }) => status !== 403).map(({ scope }) => scope)
  const mayNot = answers.filter(({ status }) => status === 403).map(({ scope }) => scope)
  if (!may.includes('read'))
    return fault(
      'token',
      `the token may ${may.join(', ')} but not read`,
      'give the doctor a token with the scope read',
    )
  if (client.token === undefined) return ok('token', 'no token is needed')
  return ok(
    'token',
    `the token may ${may.join(', ')}${mayNot.length > 0 ? `, not ${mayNot.join(', ')}` : ''}`,
  )
}
