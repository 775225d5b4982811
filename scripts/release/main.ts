// Makes every artefact of a release in dist/release, with SHA256SUMS. Publishes nothing: docs/release.md.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Artefact, ReleaseContext } from './artefact.ts'
import { helmPackage } from './helm-package.ts'
import { image } from './image.ts'
import { otherVersions, readManifests } from './manifests.ts'
import { notes, sectionOf } from './notes.ts'
import { npmPackage } from './npm-package.ts'
import { plugin } from './plugin.ts'
import { sbom } from './sbom.ts'

const ARTEFACTS: readonly Artefact[] = [plugin, npmPackage, helmPackage, sbom, notes, image]

const { values } = parseArgs({
  options: {
    'dry-run': { type: 'boolean', default: false },
    twice: { type: 'boolean', default: false },
    out: { type: 'string' },
    'no-image': { type: 'boolean', default: false },
  },
})

const root = dirname(dirname(import.meta.dirname))
const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
const manifests = readManifests(root)
const { version } = manifests.root
const faults = [...otherVersions(manifests), ...(values['dry-run'] ? [] : unreleased())]
if (faults.length > 0) {
  for (const fault of faults) process.stderr.write(`${fault}\n`)
  process.stderr.write('Nothing was made.\n')
  process.exit(1)
}

const context: ReleaseContext = {
  root,
  out: resolve(values.out ?? join(root, 'dist/release')),
  manifests,
  time: new Date(1000 * Number(process.env['SOURCE_DATE_EPOCH'] ?? git('log', '-1', '--format=%ct'))),
  revision: git('rev-parse', 'HEAD'),
}
const artefacts = ARTEFACTS.filter((artefact) => !values['no-image'] || artefact !== image)
const made = make(context, artefacts)
const lines = [...made].map(([file, digest]) => `${digest}  ${file}`)
writeFileSync(join(context.out, 'SHA256SUMS'), `${lines.join('\n')}\n`)
process.stdout.write(`${lines.join('\n')}\n`)
if (values.twice) {
  const again = { ...context, out: join(context.out, 'again') }
  const other = [
    ...make(
      again,
      artefacts.filter(({ reproducible }) => reproducible),
    ),
  ].filter(([file, digest]) => made.get(file) !== digest)
  rmSync(again.out, { recursive: true })
  for (const [file, digest] of other) process.stdout.write(`made again: ${file} is another one, ${digest}\n`)
  if (other.length === 0) process.stdout.write('made again: the same\n')
  else process.exitCode = 1
}

/** Makes these in an empty folder; file -> SHA-256. */
function make({ out, ...rest }: ReleaseContext, list: readonly Artefact[]): Map<string, string> {
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  const found = new Map<string, string>()
  for (const artefact of list) {
    const result = artefact.make({ out, ...rest })
    if ('left' in result) {
      process.stderr.write(`left out: ${artefact.name}: ${result.left}\n`)
      continue
    }
    found.set(
      result.file,
      createHash('sha256')
        .update(readFileSync(join(out, result.file)))
        .digest('hex'),
    )
  }
  return found
}

/** What keeps this commit from being the release of its version. */
function unreleased(): string[] {
  const changelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8')
  return [
    ...(git('status', '--porcelain') === '' ? [] : ['the working tree has changes that no commit has']),
    ...(git('tag', '--points-at', 'HEAD').split('\n').includes(`v${version}`)
      ? []
      : [`this commit has no tag v${version}`]),
    ...(sectionOf(changelog, version) === undefined
      ? [`CHANGELOG.md has no section "## ${version} - DATE"`]
      : []),
  ]
}
