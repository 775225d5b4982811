import { chmodSync, chownSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { freePort, type Running, run, temporaryFolder, until } from './process.ts'
import { findServer } from './servers.ts'

export const PASSWORD = 'of-the-tests'

export interface RunningPostgres {
  readonly port: number
  /** Of a database, `adf` when none is named; without a password. */
  url(database?: string): string
  /** Runs SQL by psql as the owner; the rows, fields separated by `|`. */
  sql(text: string, database?: string): Promise<string>
  /** Ends the server: `fast` as an operator does, `immediate` like a crash. */
  halt(mode?: 'fast' | 'immediate'): Promise<void>
  /** Starts it again on the same port and data. @param password of its owner, where that was changed */
  start(password?: string): Promise<void>
  stop(): Promise<void>
}

/** PostgreSQL refuses to run as root; Debian's package brings this user. */
const USER = 'postgres'

function userIds(): { uid: number; gid: number } {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((one) => one.startsWith(`${USER}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  return { uid: Number(uid), gid: Number(gid) }
}

/**
 * A real PostgreSQL on a free port of loopback with its data in a temporary folder, a user `adf` with a password (SCRAM) and
 * a database `adf`. Its settings of durability are the defaults. @param settings lines of postgresql.conf
 */
export async function startPostgres(settings: readonly string[] = []): Promise<RunningPostgres> {
  const postgres = findServer('postgresql')
  if (postgres === undefined) throw new Error('postgresql is not installed')
  // Links may lead there, but not to all of its programs.
  const programs = dirname(realpathSync(postgres))
  const folder = temporaryFolder()
  const data = join(folder.path, 'data')
  const port = await freePort()
  const root = process.getuid?.() === 0
  const as = (program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Running => {
    const options = { cwd: folder.path, env: { HOME: folder.path, LC_ALL: 'C.UTF-8', ...env } }
    // It ends with whoever runs the tests, however that ends.
    const user = root ? [`--reuid=${USER}`, `--regid=${USER}`, '--init-groups'] : []
    return run('setpriv', ['--pdeathsig=SIGQUIT', ...user, join(programs, program), ...args], options)
  }
  const finished = async (program: string, args: readonly string[], env?: NodeJS.ProcessEnv) => {
    const child = as(program, args, env)
    const code = await child.exited
    if (code !== 0) throw new Error(`${program} ended with ${code}:\n${child.output()}`)
    return child.output().trimEnd()
  }
  const password = join(folder.path, 'password')
  writeFileSync(password, `${PASSWORD}\n`)
  chmodSync(folder.path, 0o755)
  if (root) {
    const { uid, gid } = userIds()
    for (const path of [folder.path, password]) chownSync(path, uid, gid)
  }
  await finished('initdb', [
    ...[`--pgdata=${data}`, '--username=adf', '--auth=scram-sha-256', `--pwfile=${password}`],
    ...['--encoding=UTF8', '--locale=C.UTF-8', '--no-sync'],
  ])
  const url = (database = 'adf') => `postgres://adf@127.0.0.1:${port}/${database}`
  const sql = (text: string, database = 'adf', own: string = PASSWORD) =>
    finished('psql', ['--no-psqlrc', '-Atqv', 'ON_ERROR_STOP=1', '-c', text, url(database)], {
      PGPASSWORD: own,
    })
  const options = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder.path}`,
    ...settings,
  ]
  let server: Running | undefined
  const start = async (own?: string) => {
    const child = as('postgres', ['-D', data, ...options.flatMap((option) => ['-c', option])])
    server = child
    const ended = child.exited.then((code) => {
      throw new Error(`PostgreSQL ended with ${code}:\n${child.output()}`)
    })
    ended.catch(() => {})
    const answers = until(
      'PostgreSQL answers',
      async () => (await sql('select 1', 'postgres', own)) === '1',
      60_000,
    )
    await Promise.race([answers, ended])
  }
  await start()
  await sql('create database adf', 'postgres')
  return {
    port,
    url,
    sql: (text, database) => sql(text, database),
    async halt(mode = 'fast') {
      await server?.stop(mode === 'fast' ? 'SIGINT' : 'SIGQUIT')
    },
    start,
    async stop() {
      await server?.stop('SIGQUIT')
      rmSync(folder.path, { recursive: true, force: true })
    },
  }
}
