import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { ensureKeyFile, readKeys } from './key-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'adf-keys-'))
afterAll(() => rmSync(folder, { recursive: true }))
const NEW = 'n'.repeat(32)
const OLD = 'o'.repeat(40)

function file(text: string): string {
  const path = join(folder, `${text.length}.key`)
  writeFileSync(path, text)
  return path
}

test('a file has the key that signs and, for a time, the one before', async () => {
  expect(await readKeys('feedback', { secret_file: file(`${NEW}\n`) })).toEqual([NEW])
  expect(await readKeys('feedback', { secret_file: file(`${NEW}\r\n\n ${OLD} \n`) })).toEqual([NEW, OLD])
})

test('a key may stand in the configuration; none is none', async () => {
  expect(await readKeys('feedback', { secret: NEW })).toEqual([NEW])
  expect(await readKeys('feedback', {})).toEqual([])
})

test.each([
  ['', /feedback\.secret_file .* has no key/],
  ['short\n', /key 1 has 5 characters, at least 32 are needed/],
  [`${NEW}\nshort\n`, /key 2 has 5/],
  [`${NEW}\n${OLD}\n${NEW}x\n`, /has 3 keys: at most/],
])('a file with %j is refused', async (text, message) => {
  await expect(readKeys('feedback', { secret_file: file(text) })).rejects.toThrow(message)
})

test('a file that is not there is named', async () => {
  await expect(readKeys('feedback', { secret_file: join(folder, 'none') })).rejects.toThrow(
    /feedback\.secret_file .*none cannot be read: ENOENT/,
  )
})

test('a key file is made once, for nobody else to read', async () => {
  const path = join(folder, 'deeper', 'feedback.key')
  await ensureKeyFile(path)
  const made = await readKeys('feedback', { secret_file: path })
  expect(made).toHaveLength(1)
  expect(statSync(path).mode & 0o777).toBe(0o600)
  await ensureKeyFile(path)
  expect(await readKeys('feedback', { secret_file: path })).toEqual(made)
})
