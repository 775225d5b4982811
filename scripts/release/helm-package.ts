import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { create } from 'tar'
import type { Artefact } from './artefact.ts'

const PARENT = 'provisioning/kubernetes'
const NAME = 'adf'

/**
 * The chart as `helm package` makes it, a gzipped tar with everything below the chart's name, but for the time of its files: Helm writes the
 * present one, so that no two of its packages are the same.
 */
export const helmPackage: Artefact = {
  name: 'Helm chart',
  reproducible: true,
  make({ root, out, manifests, time }) {
    const cwd = join(root, PARENT)
    const helm = process.env['HELM'] ?? 'helm'
    try {
      execFileSync(helm, ['version'], { stdio: 'ignore' })
    } catch {
      return { left: 'helm is not here to check the chart (go install helm.sh/helm/v3/cmd/helm@latest)' }
    }
    execFileSync(helm, ['lint', '--strict', '--kube-version', '1.32.0', join(cwd, NAME)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const files = readdirSync(join(cwd, NAME), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(cwd, join(entry.parentPath, entry.name)).split(sep).join('/'))
      // Helm reads Chart.yaml first, and asks for it to be there.
      .sort(
        (a, b) => Number(b.endsWith('/Chart.yaml')) - Number(a.endsWith('/Chart.yaml')) || (a < b ? -1 : 1),
      )
    const file = `${NAME}-chart-${manifests.chart.version}.tgz`
    create({ cwd, file: join(out, file), gzip: { level: 9 }, portable: true, mtime: time, sync: true }, files)
    return { file }
  },
}
