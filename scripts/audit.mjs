// Known vulnerabilities of what is installed for production, as the registry tells. Fails for high and critical ones. Where the registry does
// not answer (no network, a mirror without advisories) it says so and passes: a check must not need the network.
import { spawnSync } from 'node:child_process'

const TIMEOUT_MS = 60_000
const SEVERE = ['high', 'critical']

/** Exit status, and what to say, of what `npm audit --json` printed. */
function verdict(printed) {
  let report
  try {
    report = JSON.parse(printed)
  } catch {
    return { status: 0, text: 'note: the registry was not reachable: no advisories were read' }
  }
  if (report.vulnerabilities === undefined) {
    const reason = String(report.message ?? report.error?.summary ?? report.statusCode ?? 'no reason given')
    return {
      status: 0,
      text: `note: advisories not reachable: ${reason.replace(/https?:\S+/, 'the registry').slice(0, 120)}`,
    }
  }
  const severe = Object.values(report.vulnerabilities).filter(({ severity }) => SEVERE.includes(severity))
  if (severe.length === 0) return { status: 0, text: 'note: no severe advisory' }
  const lines = severe.map(({ name, severity, range, via }) => {
    const titles = via.filter((one) => typeof one === 'object').map(({ title, url }) => `${title} (${url})`)
    return `${severity}: ${name} ${range}: ${titles.join('; ') || `by ${via.join(', ')}`}`
  })
  return { status: 1, text: lines.join('\n') }
}

const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm']
const [file, ...first] = npm
const args = [...first, 'audit', '--omit=dev', '--json', '--fetch-retries=0']
const { stdout } = spawnSync(file, args, {
  encoding: 'utf8',
  timeout: TIMEOUT_MS,
  stdio: ['ignore', 'pipe', 'ignore'],
})
const { status, text } = verdict(stdout ?? '')
process.stdout.write(`${text}\n`)
process.exitCode = status
