import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { firstWeights } from '../model/federated-model.ts'
import { clientStateContract } from './client-state.contract.ts'
import type { RunMemory } from './client-state.ts'
import { FileState } from './file-state.ts'
import { MemoryState } from './memory-state.ts'

const root = mkdtempSync(join(tmpdir(), 'adf-federation-'))
afterAll(() => rmSync(root, { recursive: true }))

const warnings: string[] = []
const folders = new Map<FileState, string>()
function inFolder(folder = join(mkdtempSync(join(root, 's-')), 'new')): FileState {
  const state = new FileState(folder, (message) => warnings.push(message))
  folders.set(state, folder)
  return state
}
const folderOf = (state: FileState): string => folders.get(state)!

clientStateContract('in memory', () => new MemoryState())
clientStateContract(
  'in a folder',
  () => inFolder(),
  (state) => (state instanceof FileState ? inFolder(folderOf(state)) : state),
)

const model: RunMemory['model'] = {
  stream: 'service',
  features: ['a'],
  network: { kind: 'lstm', inputs: 1, hidden: 1, layers: 1 },
  seed: 1,
}
const weights = firstWeights(model)
const memory: RunMemory = { model, version: 1, weights, residual: weights, pending: undefined }

it('a file is its owner’s only, and nothing is left beside it', async () => {
  const state = inFolder()
  await state.saveIdentity({ name: 'n', privateKey: 'secret' })
  await state.saveRun('service', memory)
  const folder = folderOf(state)
  expect(readdirSync(folder).sort()).toEqual(['identity.json', 'service.run'])
  for (const file of readdirSync(folder)) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
})

it('what a process that died left half written is neither read nor in the way', async () => {
  const state = inFolder()
  await state.saveRun('service', memory)
  writeFileSync(join(folderOf(state), '.service.run.tmp'), 'half')
  expect(await state.runs()).toEqual(['service'])
  await state.saveRun('service', { ...memory, version: 2 })
  expect((await state.loadRun('service'))?.version).toBe(2)
})

it('a file that was cut, flipped or is of something else is put aside, told and as good as absent', async () => {
  const state = inFolder()
  await state.saveRun('service', memory)
  const path = join(folderOf(state), 'service.run')
  const sound = readFileSync(path)
  const flipped = Buffer.from(sound)
  flipped[sound.length - 3]! ^= 4
  for (const bytes of [sound.subarray(0, -5), flipped, Buffer.alloc(0), Buffer.from('{}')]) {
    writeFileSync(path, bytes)
    warnings.length = 0
    expect(await state.loadRun('service')).toBeUndefined()
    expect(warnings.join()).toContain('service.run.unreadable')
    expect(readFileSync(`${path}.unreadable`)).toEqual(bytes)
    expect(await state.runs()).toEqual([])
  }
  for (const text of ['', '{', '[]', '{"name":1}']) {
    writeFileSync(join(folderOf(state), 'identity.json'), text)
    expect(await state.loadIdentity()).toBeUndefined()
  }
})

it('a write that fails leaves the old file', async () => {
  const state = inFolder()
  await state.saveRun('service', memory)
  const huge = { ...memory, model: { ...model, features: ['a', 'b'] } }
  // Its temporary name is taken by a folder, which no file replaces.
  const { mkdirSync } = await import('node:fs')
  mkdirSync(join(folderOf(state), '.service.run.tmp', 'x'), { recursive: true })
  await expect(state.saveRun('service', huge)).rejects.toThrow()
  expect(await state.loadRun('service')).toEqual(memory)
})

it('no name leaves the folder', async () => {
  const state = inFolder()
  for (const name of ['../x', 'a/b', '', 'A'])
    await expect(async () => state.saveRun(name, memory)).rejects.toThrow('string')
})
