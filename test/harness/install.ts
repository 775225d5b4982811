import { installServers, servers } from './servers.ts'

const missing = installServers()
for (const name of missing) {
  const { debianPackage, elsewhere } = servers[name]
  process.stderr.write(
    `${name} is not here: install Debian's package ${debianPackage} or put it on PATH (${elsewhere}).\n`,
  )
}
if (missing.length > 0) {
  const inCi = process.env['CI'] !== undefined && process.env['CI'] !== ''
  process.stderr.write(inCi ? 'CI is set, so this is a failure.\n' : 'The tests that need it are skipped.\n')
  process.exitCode = inCi ? 1 : 0
}
