import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { strFromU8, unzipSync } from 'fflate'
import { afterAll, expect, test } from 'vitest'
import { archiveOf } from './archive.ts'

const root = mkdtempSync(join(tmpdir(), 'adf-archive-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

function folder(name: string, files: Readonly<Record<string, string>>, time: Date): string {
  const path = join(root, name)
  mkdirSync(join(path, 'img'), { recursive: true })
  for (const [file, text] of Object.entries(files)) {
    writeFileSync(join(path, file), text)
    utimesSync(join(path, file), time, time)
  }
  return path
}

test('the same files give the same bytes, whenever and in whichever order they were written', () => {
  const one = folder('one', { 'module.js': 'a', 'img/logo.svg': 'b' }, new Date(2020, 1, 1))
  const two = folder('two', { 'img/logo.svg': 'b', 'module.js': 'a' }, new Date(2026, 5, 7))
  expect(archiveOf(one, 'adf-app')).toEqual(archiveOf(two, 'adf-app'))
  const other = folder('other', { 'module.js': 'A', 'img/logo.svg': 'b' }, new Date(2020, 1, 1))
  expect(archiveOf(other, 'adf-app')).not.toEqual(archiveOf(one, 'adf-app'))
})

test('everything is below the id of the plugin', () => {
  const path = folder('three', { 'module.js': 'a', 'img/logo.svg': 'b' }, new Date())
  const files = unzipSync(archiveOf(path, 'adf-app'))
  expect(Object.keys(files)).toEqual(['adf-app/img/logo.svg', 'adf-app/module.js'])
  expect(strFromU8(files['adf-app/module.js'] ?? new Uint8Array())).toBe('a')
})
