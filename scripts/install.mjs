// Plain JavaScript for Node >= 20: it runs before anything is installed.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Installs the npm packages of the lock file when they are absent or of another lock file. Returns Node 24's path. */
export function installPackages(root) {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const stamp = join(root, 'node_modules', '.adf-lock')
  const node = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  const installed = existsSync(stamp) && readFileSync(stamp, 'utf8') === lock
  if (installed && existsSync(node)) return node
  process.stderr.write('Installing npm packages (once, about a minute) …\n')
  const npm = process.env.npm_execpath
    ? [process.execPath, [process.env.npm_execpath]]
    : [process.platform === 'win32' ? 'npm.cmd' : 'npm', []]
  const result = spawnSync(npm[0], [...npm[1], 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    // Under `npm ci --omit=dev` or NODE_ENV=production Node 24 and the test tools would be missing.
    env: { ...process.env, NODE_ENV: 'development' },
  })
  if (result.status !== 0) fail('npm ci failed; its message is above. Is the npm registry reachable?')
  if (!existsSync(node))
    fail(
      `Node 24 was not installed at ${node}: npm must be allowed to run the install script of the package "node".`,
    )
  writeFileSync(stamp, lock)
  return node
}

function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
