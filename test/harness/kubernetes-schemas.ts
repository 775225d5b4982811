import { spawnSync } from 'node:child_process'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

const PACKAGE = 'kubernetes-validate==1.37.0'
const folder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'adf', PACKAGE)

export const schemasNeed = `the Python package ${PACKAGE}: pip install --target ${folder} ${PACKAGE}`

/** Environment in which Python finds the package. */
export const withSchemas: NodeJS.ProcessEnv = {
  ...process.env,
  PYTHONPATH: [folder, process.env['PYTHONPATH']].filter((path) => path !== undefined).join(delimiter),
}

/** Whether Python finds the schemas of Kubernetes. */
export const hasSchemas = (): boolean =>
  spawnSync('python3', ['-c', 'import kubernetes_validate, yaml'], { env: withSchemas, stdio: 'ignore' })
    .status === 0

/** Installs them into the user's cache (some 20 MB to fetch). False when Python, pip or the package cannot be had. */
export function installSchemas(): boolean {
  if (hasSchemas()) return true
  spawnSync('python3', ['-m', 'pip', 'install', '--quiet', '--target', folder, PACKAGE], { stdio: 'ignore' })
  return hasSchemas()
}
