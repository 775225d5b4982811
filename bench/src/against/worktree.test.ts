import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { addWorktree } from './worktree.ts'

let root = ''
const git = (...args: string[]) =>
  execFileSync('git', ['-C', root, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], {
    encoding: 'utf8',
  })
const commit = (version: string) => {
  writeFileSync(join(root, 'packages/own/index.js'), version)
  git('add', '--all', '.')
  git('commit', '--quiet', '--message', version)
}

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'adf-worktree-')))
  git('init', '--quiet')
  for (const folder of ['packages/own', 'node_modules/dependency', 'node_modules/@adf'])
    mkdirSync(join(root, folder), { recursive: true })
  writeFileSync(join(root, '.gitignore'), 'node_modules/\n')
  writeFileSync(join(root, 'package-lock.json'), '{}')
  writeFileSync(join(root, 'node_modules/dependency/index.js'), 'installed')
  symlinkSync('../../packages/own', join(root, 'node_modules/@adf/own'))
  commit('old')
  commit('new')
})
afterEach(() => rmSync(root, { recursive: true }))

it('has the sources of the other version, its own packages among them, and the installed packages of this one', () => {
  const tree = addWorktree(root, 'HEAD~1')
  const text = (path: string) => readFileSync(join(tree.folder, path), 'utf8')
  expect(text('node_modules/@adf/own/index.js')).toBe('old')
  expect(text('node_modules/dependency/index.js')).toBe('installed')
  expect(git('rev-parse', 'HEAD~1').startsWith(tree.commit)).toBe(true)
  tree.remove()
  expect(existsSync(tree.folder)).toBe(false)
  expect(git('worktree', 'list').trim().split('\n')).toHaveLength(1)
  expect(readFileSync(join(root, 'node_modules/dependency/index.js'), 'utf8')).toBe('installed')
})

it.each(['nothing', '--help', ''])('refuses %j, which is no commit', (ref) => {
  expect(() => addWorktree(root, ref)).toThrow(`git knows no commit ${ref} here`)
})

it('refuses a version that needs other packages, and leaves nothing behind', () => {
  writeFileSync(join(root, 'package-lock.json'), '{"other": 1}')
  expect(() => addWorktree(root, 'HEAD~1')).toThrow('has another package-lock.json')
  expect(git('worktree', 'list').trim().split('\n')).toHaveLength(1)
})
