import { spawnSync } from 'node:child_process'

const program = 'promtool'

/** What `promtool check metrics` objects to; undefined where it is not installed, which is a failure in CI only. */
export function objections(metrics: string): string | undefined {
  const { error, stdout, stderr, status } = spawnSync(program, ['check', 'metrics'], {
    input: metrics,
    encoding: 'utf8',
  })
  if (error !== undefined) {
    if (process.env['CI'] !== undefined) throw error
    return undefined
  }
  return status === 0 ? '' : `${stdout}${stderr}`
}
