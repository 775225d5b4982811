import type { AuditEntry } from '@adf/contract/federation'
import { expect, it } from 'vitest'
import { type AuditLine, chained, GENESIS, verifyChain } from './chain.ts'

const line = (n: number): AuditLine => ({
  atMs: 1000 * n,
  actor: 'server',
  action: 'round.committed',
  subject: `service/${n}`,
  detail: { version: n, hash: 'ab' },
})
const chain = (length: number) => {
  const entries: AuditEntry[] = []
  for (let n = 1; n <= length; n++) entries.push(chained(line(n), entries.at(-1)))
  return entries
}

it('is whole as it was written, and empty at first', async () => {
  const entries = chain(5)
  expect(await verifyChain(entries)).toEqual({
    sound: true,
    entries: 5,
    head: entries[4]!.hash,
    broken_at: null,
    reason: null,
  })
  expect(await verifyChain([])).toMatchObject({ sound: true, entries: 0, head: GENESIS })
})

it('does not depend on the order of the members of detail', () => {
  const [entry] = chain(1)
  const turned = chained({ ...line(1), detail: { hash: 'ab', version: 1 } }, undefined)
  expect(turned.hash).toBe(entry!.hash)
})

it.each<[string, (entries: AuditEntry[]) => unknown, number]>([
  ['a line that was changed', (e) => (e[2] = { ...e[2]!, subject: 'other' }), 3],
  ['a detail that was changed', (e) => (e[1] = { ...e[1]!, detail: { version: 2, hash: 'ac' } }), 2],
  ['a line that was taken out', (e) => e.splice(2, 1), 3],
  ['a line that was put in', (e) => e.splice(2, 0, chained(line(9), e[1])), 4],
  ['two lines in another order', (e) => e.splice(1, 2, e[2]!, e[1]!), 2],
  ['a first line that was taken out', (e) => e.shift(), 1],
])('tells %s', async (_, change, at) => {
  const entries = chain(5)
  change(entries)
  expect(await verifyChain(entries)).toMatchObject({ sound: false, broken_at: at, entries: at - 1 })
})
