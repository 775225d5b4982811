import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, globSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A server or tool that tests run against, from Debian's package or from PATH. */
interface Server {
  /** Names of its program, the first found counts. */
  readonly programs: readonly string[]
  /** Where else its programs are, beside PATH. */
  readonly folders?: string
  readonly debianPackage: string
  readonly elsewhere: string
}

export const servers = {
  prometheus: {
    programs: ['prometheus'],
    debianPackage: 'prometheus',
    elsewhere: 'https://prometheus.io/download',
  },
  promtool: {
    programs: ['promtool'],
    debianPackage: 'prometheus',
    elsewhere: 'https://prometheus.io/download',
  },
  nodeExporter: {
    programs: ['prometheus-node-exporter', 'node_exporter'],
    debianPackage: 'prometheus-node-exporter',
    elsewhere: 'https://prometheus.io/download',
  },
  alertmanager: {
    programs: ['prometheus-alertmanager', 'alertmanager'],
    debianPackage: 'prometheus-alertmanager',
    elsewhere: 'https://prometheus.io/download',
  },
  amtool: {
    programs: ['amtool'],
    debianPackage: 'prometheus-alertmanager',
    elsewhere: 'https://prometheus.io/download',
  },
  postgresql: {
    programs: ['postgres'],
    folders: '/usr/lib/postgresql/*/bin',
    debianPackage: 'postgresql',
    elsewhere: 'https://postgresql.org/download',
  },
  chromium: {
    programs: ['chromium', 'chromium-browser', 'google-chrome'],
    debianPackage: 'chromium',
    elsewhere: 'https://www.chromium.org/getting-involved/download-chromium',
  },
  java: { programs: ['java'], debianPackage: 'default-jre-headless', elsewhere: 'https://adoptium.net' },
  maven: { programs: ['mvn'], debianPackage: 'maven', elsewhere: 'https://apache.org' },
  openssl: { programs: ['openssl'], debianPackage: 'openssl', elsewhere: 'https://openssl.org' },
} as const satisfies Record<string, Server>
export type ServerName = keyof typeof servers

/** Path of the program, or undefined when it is not on PATH, nor where the server's package puts it. */
export function findServer(name: ServerName): string | undefined {
  const { programs, folders }: Server = servers[name]
  const elsewhere = folders === undefined ? [] : globSync(folders).sort().reverse()
  for (const program of programs) {
    for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), ...elsewhere]) {
      const path = join(folder, program)
      if (isExecutable(path)) return path
    }
  }
  return undefined
}

/** What is missing and how to get it; undefined when all are here. */
export function needs(...names: ServerName[]): string | undefined {
  const missing = names.filter((name) => findServer(name) === undefined)
  if (missing.length === 0) return undefined
  return missing
    .map((name) => `${name}: Debian's package ${servers[name].debianPackage}, or ${servers[name].elsewhere}`)
    .join('; ')
}

const missingServers = (): ServerName[] =>
  (Object.keys(servers) as ServerName[]).filter((name) => findServer(name) === undefined)

/**
 * Installs what is missing from Debian's packages when run as root on Debian. What cannot be had is returned: tests that
 * need it are skipped on a person's machine; where CI is set, install.ts fails.
 */
export function installServers(): ServerName[] {
  const missing = missingServers()
  if (missing.length === 0 || !existsSync('/etc/debian_version') || process.getuid?.() !== 0) return missing
  const packages = [...new Set(missing.map((name) => servers[name].debianPackage))]
  process.stderr.write(`Installing ${packages.join(', ')} for the tests …\n`)
  // Debian starts services on installation unless this policy says no; the tests start their own.
  const policy = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  const apt = (...args: string[]) =>
    spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env: policy })
  apt('update', '-qq')
  apt('install', '-y', '-qq', '--no-install-recommends', ...packages)
  return missingServers()
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
