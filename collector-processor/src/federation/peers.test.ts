import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newClientKey } from '@adf/federation/signature'
import { afterAll, expect, it } from 'vitest'
import { readPeers } from './peers.ts'

const folder = mkdtempSync(join(tmpdir(), 'adf-peers-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (content: string): string => {
  const path = join(folder, 'peers.json')
  writeFileSync(path, content)
  return path
}

it('reads the keys of the other sites by client id', async () => {
  const { publicKey } = newClientKey()
  expect(await readPeers(file(JSON.stringify({ a: publicKey })))).toEqual(new Map([['a', publicKey]]))
})

it.each([
  ['a file that is not there', () => join(folder, 'none.json'), 'ENOENT'],
  ['what is not JSON', () => file('{'), 'JSON'],
  ['a list', () => file('[]'), 'expected record'],
  ['a key that is too short', () => file('{"a": "11qYAYKx"}'), 'at a'],
])('says what is wrong with %s, and names it', async (_, path, fault) => {
  const at = path()
  await expect(readPeers(at)).rejects.toThrow(at)
  await expect(readPeers(at)).rejects.toThrow(fault)
})
