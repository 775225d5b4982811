import { execFileSync } from 'node:child_process'

/** Runs npm, the one that runs this where it does, and gives what it printed. Throws with its words when it fails. */
export function npm(args: readonly string[], cwd: string): string {
  const { npm_execpath: own } = process.env
  const [file, first]: [string, string[]] =
    own === undefined ? [process.platform === 'win32' ? 'npm.cmd' : 'npm', []] : [process.execPath, [own]]
  return execFileSync(file, [...first, ...args, '--loglevel=error'], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  })
}
