import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { unzipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { image } from '../../scripts/release/image.ts'
import { readManifests } from '../../scripts/release/manifests.ts'
import { sectionOf } from '../../scripts/release/notes.ts'
import { npm } from '../../scripts/release/npm.ts'
import { ROOT } from '../harness/compose.ts'
import { freePort, run, temporaryFolder, until } from '../harness/process.ts'

/** Far longer than it takes: the pages are built twice. */
const MAKE_MS = 1_800_000
const START_MS = 180_000

const works = (program: string, ...args: string[]) =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0
const helm = process.env['HELM'] ?? 'helm'
const withHelm = works(helm, 'version')
const withDocker = works('docker', 'version')
const { version } = readManifests(ROOT).root

const temporary = temporaryFolder()
afterAll(() => temporary.remove())

describe('npm run release -- --dry-run', () => {
  const out = join(temporary.path, 'release')
  const installed = join(temporary.path, 'installed')
  let printed = ''
  const artefact = (name: string) => readFileSync(join(out, name))

  beforeAll(async () => {
    // In a process of its own that is waited for: a build that blocks this one would lose vitest its worker.
    const program = run(
      process.execPath,
      [join(ROOT, 'scripts/release/main.ts'), '--dry-run', '--twice', '--no-image', '--out', out],
      { cwd: ROOT },
    )
    const code = await program.exited
    printed = program.output()
    expect(code, printed).toBe(0)
    mkdirSync(installed)
    writeFileSync(join(installed, 'package.json'), '{ "private": true }')
    const npmInstall = run(
      'npm',
      [
        ...['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts'],
        join(out, `adf-${version}.tgz`),
      ],
      { cwd: installed },
    )
    expect(await npmInstall.exited, npmInstall.output()).toBe(0)
  }, MAKE_MS)

  test('gives the same bytes twice, and their sums', () => {
    expect(printed).toContain('made again: the same')
    const sums = artefact('SHA256SUMS').toString().trim().split('\n')
    const files = sums.map((line) => line.split('  ')[1] ?? '')
    expect(files).toEqual([
      `adf-app-${version}.zip`,
      `adf-${version}.tgz`,
      ...(withHelm ? [`adf-chart-${version}.tgz`] : []),
      `adf-${version}.cdx.json`,
      `adf-${version}.notes.md`,
    ])
    for (const [at, file] of files.entries())
      expect(sums[at]).toBe(`${createHash('sha256').update(artefact(file)).digest('hex')}  ${file}`)
  })

  test('the npm package, in an empty folder, is the command, and what it starts gets ready', async () => {
    const bin = join(installed, 'node_modules/.bin/adf')
    expect(execFileSync(bin, ['--version'], { encoding: 'utf8' }).trim()).toBe(version)
    const [api, pages, grpc, http] = [await freePort(), await freePort(), await freePort(), await freePort()]
    const file = join(installed, 'adf.yaml')
    writeFileSync(
      file,
      JSON.stringify({
        api: { port: api },
        receiver: { grpc: { port: grpc }, http: { port: http } },
        store: { path: join(installed, 'adf.db') },
      }),
    )
    const program = run(bin, ['up', '--config', file, '--console', String(pages)], { cwd: installed })
    try {
      const ready = until('/ready', async () => (await fetch(`http://127.0.0.1:${api}/ready`)).ok, START_MS)
      await Promise.race([
        ready,
        program.exited.then((code) => {
          throw new Error(`adf up ended with ${code}:\n${program.output()}`)
        }),
      ])
      const page = await fetch(`http://127.0.0.1:${pages}/`)
      expect(page.status).toBe(200)
      expect(await page.text()).toContain('<script')
    } finally {
      expect(await program.stop()).toBe(0)
    }
  })

  test('the zip holds the app as it was built, with its nested plugins', () => {
    const files = unzipSync(artefact(`adf-app-${version}.zip`))
    const Plugin = z.looseObject({ id: z.string(), info: z.looseObject({ version: z.string() }) })
    const plugins = Object.keys(files)
      .filter((path) => path.endsWith('/plugin.json'))
      .map((path) => ({ path, ...Plugin.parse(JSON.parse(Buffer.from(files[path] ?? []).toString())) }))
    expect(plugins.map(({ id }) => id).sort()).toEqual([
      'adf-app',
      'adf-causes-panel',
      'adf-datasource',
      'adf-graph-panel',
      'adf-threshold-panel',
      'adf-timeline-panel',
    ])
    for (const { path, info } of plugins) {
      expect(info.version).toBe(version)
      expect(files[path.replace('plugin.json', 'module.js')]?.length, path).toBeGreaterThan(1000)
    }
    expect(Object.keys(files).filter((path) => !path.startsWith('adf-app/'))).toEqual([])
  })

  test.skipIf(!withHelm)('the chart renders what the manifests of the repository are', () => {
    for (const values of globSync(join(ROOT, 'provisioning/kubernetes/values/*.yaml'))) {
      const text = execFileSync(
        helm,
        [
          ...['template', 'adf', join(out, `adf-chart-${version}.tgz`), '--namespace', 'adf'],
          ...['--values', values, '--kube-version', '1.32.0'],
        ],
        { encoding: 'utf8' },
      )
      const manifest = readFileSync(join(ROOT, 'provisioning/kubernetes/manifests', basename(values)), 'utf8')
      expect(manifest.endsWith(text), values).toBe(true)
    }
  })

  test('the SBOM names every package that the installation brought, and what is built into the pages', () => {
    const Sbom = z.looseObject({
      bomFormat: z.literal('CycloneDX'),
      components: z.array(z.looseObject({ 'bom-ref': z.string(), purl: z.string() })),
    })
    const { components } = Sbom.parse(JSON.parse(artefact(`adf-${version}.cdx.json`).toString()))
    const names = new Set(components.map(({ purl }) => decodeURIComponent(purl.slice('pkg:npm/'.length))))
    const Listed = z.looseObject({ packages: z.record(z.string(), z.looseObject({})) })
    const lock = Listed.parse(
      JSON.parse(readFileSync(join(installed, 'node_modules/.package-lock.json'), 'utf8')),
    )
    const brought = Object.keys(lock.packages)
      .map((path) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length))
      .filter((name) => name !== 'adf')
    expect(brought.length).toBeGreaterThan(100)
    const without = (ref: string) => ref.slice(0, ref.lastIndexOf('@'))
    const known = new Set([...names].map(without))
    expect(brought.filter((name) => !known.has(name))).toEqual([])
    expect(known).toContain('react')
    expect(known).not.toContain('vitest')
  })

  test('the notes are the section of the changelog', () => {
    const changelog = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8')
    const section = sectionOf(changelog, version) ?? sectionOf(changelog, 'Unreleased') ?? ''
    expect(section).not.toBe('')
    expect(artefact(`adf-${version}.notes.md`).toString()).toBe(`# ADF ${version}\n\n${section}\n`)
  })
})

test('without --dry-run a commit that is no release is refused, and nothing is made', async () => {
  const out = join(temporary.path, 'refused')
  const program = run(process.execPath, [join(ROOT, 'scripts/release/main.ts'), '--out', out], { cwd: ROOT })
  expect(await program.exited).toBe(1)
  expect(program.output()).toContain(`this commit has no tag v${version}`)
  expect(program.output()).toContain('Nothing was made.')
  expect(globSync(`${out}/*`)).toEqual([])
})

test('npm that fails says why', () => {
  expect(() => npm(['sbom', '--sbom-format=none'], ROOT)).toThrow(/sbom-format/)
})

describe.skipIf(!withDocker)(
  `the image${withDocker ? '' : ' (skipped: no Docker daemon answers here)'}`,
  () => {
    test(
      'starts, and is well, as a user without rights on a file system that it cannot write',
      async () => {
        const docker = (...args: string[]) => execFileSync('docker', args, { encoding: 'utf8' }).trim()
        const made = image.make({
          root: ROOT,
          out: temporary.path,
          manifests: readManifests(ROOT),
          time: new Date(0),
          revision: 'test',
        })
        if (!('file' in made)) throw new Error(made.left)
        docker('load', '-i', join(temporary.path, made.file))
        const options = ['--read-only', '--tmpfs=/tmp', '--cap-drop=ALL', '--network=none']
        const id = docker('run', '-d', ...options, `adf:${version}`)
        try {
          const health = () => docker('inspect', '--format', '{{.State.Health.Status}}', id)
          await until('healthy', () => health() === 'healthy', START_MS)
          expect(docker('exec', id, 'id', '-u')).toBe('1000')
        } finally {
          docker('rm', '-f', '-v', id)
        }
      },
      MAKE_MS,
    )
  },
)
