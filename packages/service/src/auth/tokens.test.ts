import { expect, test } from 'vitest'
import { createToken, type Scope, scopes, TokenAuthority } from './tokens.ts'

const reader = createToken()
const boss = createToken()
const authority = new TokenAuthority([
  { name: 'grafana', sha256: reader.sha256, scopes: ['read', 'feedback'] },
  { name: 'boss', sha256: boss.sha256, scopes: ['admin'] },
])
const status = (header: string | undefined, scope: Scope) => {
  const answer = authority.check(header, scope)
  return answer.ok ? answer.name : answer.problem.status
}

test('a known token may do what its scopes say', () => {
  expect(status(`Bearer ${reader.token}`, 'read')).toBe('grafana')
  expect(status(`bearer ${reader.token}`, 'feedback')).toBe('grafana')
  expect(status(`Bearer ${reader.token}`, 'ingest')).toBe(403)
  expect(status(`Bearer ${reader.token}`, 'admin')).toBe(403)
})

test('admin implies the others', () => {
  expect(scopes.map((scope) => status(`Bearer ${boss.token}`, scope))).toEqual(scopes.map(() => 'boss'))
})

test.each([
  undefined,
  '',
  'Bearer',
  'Bearer ',
  `Basic ${reader.token}`,
  `Bearer ${reader.token}x`,
  `Bearer ${reader.sha256}`,
  `Bearer ${reader.token}, Bearer ${boss.token}`,
  `Bearer ${'a'.repeat(100_000)}`,
])('%s is not authenticated', (header) => {
  const answer = authority.check(header, 'read')
  expect(answer).toMatchObject({ ok: false, problem: { status: 401, code: 'unauthenticated' } })
  expect(!answer.ok && answer.problem.headers).toHaveProperty('www-authenticate')
})

test('the refusal never has the token in it', () => {
  const answer = authority.check(`Bearer ${reader.token}`, 'ingest')
  expect(JSON.stringify(answer)).not.toContain(reader.token)
})

test('without configured tokens everything is allowed', () => {
  const open = new TokenAuthority()
  expect(open.required).toBe(false)
  expect(open.check(undefined, 'admin')).toEqual({ ok: true, name: 'anonymous' })
})

test('tokens are random', () => {
  expect(new Set(Array.from({ length: 100 }, () => createToken().token)).size).toBe(100)
})
