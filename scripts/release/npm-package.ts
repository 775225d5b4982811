import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Artefact } from './artefact.ts'
import { closureOf, compiled, rewritten } from './closure.ts'
import { dependenciesOf, namesOf } from './manifests.ts'
import { npm } from './npm.ts'

const COMMAND = 'packages/cli/bin/adf.mjs'
/** What the command reads beside its own files: the built pages, and what people copy from. */
const WHOLE = ['grafana-app-plugin/dist/app', 'grafana-app-plugin/dist/host', 'provisioning']
const TEXTS = ['LICENSE', 'README.md', 'CHANGELOG.md']

/**
 * The command `adf` as one npm package. Its files lie as they do in the repository; they are JavaScript, since Node takes no types off below
 * node_modules, and import each other by their places. Other packages are asked for in the versions of the lock file's manifests.
 */
export const npmPackage: Artefact = {
  name: 'npm package',
  reproducible: true,
  make({ root, out, manifests }) {
    const { files, packages } = closureOf(root, COMMAND, namesOf(manifests))
    const folders = new Set(
      [...manifests.workspaces.keys()].filter((folder) =>
        [...files.keys()].some((path) => path.startsWith(`${folder}/`)),
      ),
    )
    const dependencies = dependenciesOf(manifests, folders)
    const unknown = [...packages].filter((name) => !(name in dependencies))
    if (unknown.length > 0)
      throw new Error(`no workspace depends on ${unknown.join(', ')}, which is imported`)
    const stage = mkdtempSync(join(tmpdir(), 'adf-release-'))
    try {
      for (const [path, file] of files) {
        mkdirSync(dirname(join(stage, path)), { recursive: true })
        writeFileSync(join(stage, compiled(path)), rewritten(path, file), {
          mode: path === COMMAND ? 0o755 : 0o644,
        })
      }
      for (const path of [...WHOLE, ...TEXTS])
        cpSync(join(root, path), join(stage, path), { recursive: true })
      const { name, version, description } = manifests.root
      const manifest = {
        ...{ name, version, description, license: 'MIT', type: 'module' },
        engines: { node: '>=24' },
        bin: { adf: COMMAND },
        // Its door is the command.
        exports: { './package.json': './package.json' },
        dependencies,
      }
      writeFileSync(join(stage, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
      npm(['pack', '--ignore-scripts', `--pack-destination=${out}`], stage)
      return { file: `${name}-${version}.tgz` }
    } finally {
      rmSync(stage, { recursive: true })
    }
  },
}
