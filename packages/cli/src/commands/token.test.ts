import { TokenAuthority } from '@adf/service'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { runAdf } from '../program/adf.test-program.ts'

test('the token and the entry that is printed for it belong together', async () => {
  const { out, status } = await runAdf(['token', '--name', 'collector', '--scope', 'ingest', 'read'])
  expect(status).toBe(0)
  const token = /^adf_\S+/.exec(out)?.[0]
  const { auth } = parse(out.slice(out.indexOf('auth:')))
  expect(auth.tokens).toMatchObject([{ name: 'collector', scopes: ['ingest', 'read'] }])
  expect(new TokenAuthority(auth.tokens).check(`Bearer ${token}`, 'ingest')).toEqual({
    ok: true,
    name: 'collector',
  })
  expect(
    await runAdf(['config', 'check', '--set', `auth.tokens=${JSON.stringify(auth.tokens)}`]),
  ).toMatchObject({
    status: 0,
  })
})

test('answers in JSON, each time another token', async () => {
  const [a, b] = await Promise.all(
    [1, 2].map(async () => JSON.parse((await runAdf(['token', '--json'])).out)),
  )
  expect(a).toMatchObject({ name: 'token', scopes: ['read'] })
  expect(a.token).not.toBe(b.token)
})

test('a scope that does not exist is told, with those that do', async () => {
  const run = await runAdf(['token', '--scope', 'write'])
  expect(run.status).toBe(2)
  expect(run.err).toContain('ingest, read, feedback, admin')
})
