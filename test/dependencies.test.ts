import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

const scripts = join(import.meta.dirname, '../scripts')
const folder = mkdtempSync(join(tmpdir(), 'adf-dependencies-'))
afterAll(() => rmSync(folder, { recursive: true }))

const put = (path: string, content: unknown) => {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

function runScript(name: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  return new Promise<{ code: number; out: string }>((resolve) => {
    execFile(
      process.execPath,
      [join(scripts, name), ...args],
      { env: { ...process.env, ...env } },
      (error, out) => resolve({ code: error === null ? 0 : Number(error.code), out }),
    )
  })
}

describe('licences', () => {
  const lock = (licences: Record<string, string | undefined>) => {
    const packages: Record<string, object> = {
      '': { workspaces: ['service'] },
      service: { dependencies: { outer: '1' }, devDependencies: { tool: '1' } },
      'node_modules/outer': { dependencies: { inner: '1' } },
      'node_modules/outer/node_modules/inner': {},
      'node_modules/inner': { dev: true },
      'node_modules/tool': { dev: true },
    }
    put('package-lock.json', { packages })
    for (const path of Object.keys(packages).filter((path) => path.includes('node_modules')))
      put(`${path}/package.json`, { license: licences[path.slice('node_modules/'.length)] })
  }

  test('a package deep inside, of a licence that asks for more, fails by name', async () => {
    lock({ outer: 'MIT', 'outer/node_modules/inner': 'GPL-3.0', inner: 'MIT', tool: 'MIT' })
    const { code, out } = await runScript('licences.mjs', [folder])
    expect([code, out]).toEqual([1, expect.stringContaining('inner has the licence "GPL-3.0"')])
  })

  test('what is not shipped may have any, and a choice needs one that is allowed', async () => {
    lock({
      outer: '(MIT OR GPL-3.0)',
      'outer/node_modules/inner': 'MIT AND ISC',
      inner: 'GPL-3.0',
      tool: 'GPL-3.0',
    })
    expect(await runScript('licences.mjs', [folder])).toEqual({ code: 0, out: 'note: 2 packages\n' })
  })

  test('none at all fails', async () => {
    lock({ outer: 'MIT' })
    expect((await runScript('licences.mjs', [folder])).code).toBe(1)
  })
})

describe('advisories', () => {
  const asked = (printed: string) => {
    const npm = put('npm.mjs', `process.stdout.write(${JSON.stringify(printed)}); process.exitCode = 1`)
    return runScript('audit.mjs', [], { npm_execpath: npm })
  }
  const found = (severity: string) =>
    JSON.stringify({
      vulnerabilities: {
        x: { name: 'x', severity, range: '<2', via: [{ title: 'reads too much', url: 'https://a' }] },
      },
    })

  test('a severe one fails, and says which', async () => {
    const { code, out } = await asked(found('high'))
    expect([code, out]).toEqual([1, 'high: x <2: reads too much (https://a)\n'])
  })

  test('a mild one does not', async () => {
    expect(await asked(found('low'))).toEqual({ code: 0, out: 'note: no severe advisory\n' })
  })

  test('a registry that does not answer, or has no advisories, is told and does not fail', async () => {
    expect((await asked('')).out).toContain('not reachable')
    const { code, out } = await asked(
      JSON.stringify({ statusCode: 405, message: '405 at https://r.example/x' }),
    )
    expect([code, out]).toEqual([0, 'note: advisories not reachable: 405 at the registry\n'])
  })
})
