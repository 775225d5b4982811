import { execFileSync } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Artefact } from './artefact.ts'

/** The Grafana app with its nested plugins, not signed. Built anew: the npm package has its pages from the same build. */
export const plugin: Artefact = {
  name: 'Grafana app',
  reproducible: true,
  make({ root, out, manifests }) {
    const folder = join(root, 'grafana-app-plugin')
    execFileSync(process.execPath, [join(folder, 'build/zip.ts')], { stdio: ['ignore', 'ignore', 'inherit'] })
    const file = `adf-app-${manifests.root.version}.zip`
    copyFileSync(join(folder, 'dist', file), join(out, file))
    return { file }
  },
}
