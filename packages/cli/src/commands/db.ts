import {
  appliedMigrations,
  backUp,
  type CopiedTable,
  copyDatabase,
  DatabaseError,
  type DatabasePlace,
  migrate,
  migrateDown,
  nameOfPlace,
  type OpenDatabase,
} from '@adf/service'
import { type Command, Option } from 'commander'
import {
  type ConfiguredStore,
  SCHEMAS,
  type Service,
  storeOf,
  withDatabase,
  withExisting,
} from '../database/store.ts'
import { type TargetOptions, targetOf } from '../database/target.ts'
import { CommandFailed, UsageError } from '../output/failure.ts'
import { writeAnswer, writeRemark } from '../output/write.ts'
import { globalOptions } from '../program/options.ts'

interface Options {
  readonly federation?: boolean
  readonly webhook?: boolean
}

/** `adf db`: the database of the store, SQLite or PostgreSQL. */
export function register(program: Command): void {
  const db = program
    .command('db')
    .description('look after the database of the store (store.path or store.url of the configuration)')
    .addHelpText(
      'after',
      '\nWith --federation that of the federation server, with --webhook that of the Alertmanager webhook. docs/database.md explains more.\n',
    )
  const sub = (name: string, description: string) =>
    db
      .command(name)
      .description(description)
      .addOption(
        new Option('--federation', "the federation server's store, by its configuration").conflicts(
          'webhook',
        ),
      )
      .option('--webhook', "the Alertmanager webhook's store, by its configuration")
  sub('migrate', 'bring the schema up to date, as a start does')
    .option('--down', 'take the last migration back instead, with all that only it made room for')
    .option('--yes', 'with --down: what that drops is not needed, or backed up')
    .action(failing(migrateStore))
  sub('backup <file>', 'write the store as it is now into a new SQLite file; it may be in use').action(
    (file: string, options: Options, command: Command) => failing(backupStore)({ ...options, file }, command),
  )
  sub('restore <file>', 'fill the empty store from a backup; nothing may use it').action(
    (file: string, options: Options, command: Command) =>
      failing(restoreStore)({ ...options, file }, command),
  )
  sub('move', 'copy every row into an empty database, of either engine; nothing may use the two')
    .requiredOption('--to <file or URL>', 'SQLite file, or postgres://user@host:port/database')
    .option(
      '--to-schema <name>',
      `schema of PostgreSQL (default: ${Object.values(SCHEMAS).join(', ')}, as the store is whose)`,
    )
    .option('--to-password-file <file>', 'holds the password (default: $ADF_TO_PASSWORD)')
    .option('--to-ca-file <file>', 'PEM certificate of who vouches for the server; turns TLS on')
    .action(failing(moveStore))
}

const serviceOf = ({ federation, webhook }: Options): Service =>
  federation === true ? 'federation' : webhook === true ? 'webhook' : 'processor'

async function migrateStore(options: Options & { down?: boolean; yes?: boolean }, command: Command) {
  const { json } = globalOptions(command)
  const { place, migrations, hold } = await storeOf(command, serviceOf(options))
  if (options.down === true && options.yes !== true)
    throw new UsageError('--down drops what the last migration made room for: back up, then say --yes')
  const open = options.down === true ? withExisting : withDatabase
  const answer = await open(place, (db) =>
    held({ place, hold }, db, async () => {
      const before = await appliedMigrations(db)
      const down = options.down === true ? await migrateDown(db, migrations) : undefined
      const up = options.down === true ? [] : await migrate(db, migrations)
      return {
        store: nameOfPlace(place),
        before: before.at(-1) ?? null,
        up,
        down: down ?? null,
        schema: (await appliedMigrations(db)).at(-1) ?? null,
      }
    }),
  )
  writeAnswer(json, answer, () =>
    [
      ...answer.up.map((name) => `applied ${name}`),
      ...(answer.down === null ? [] : [`took back ${answer.down}`]),
      `${answer.store} has the schema ${answer.schema ?? 'of nothing'}`,
    ].join('\n'),
  )
}

async function backupStore(options: Options & { file: string }, command: Command) {
  const { json } = globalOptions(command)
  const { place, migrations } = await storeOf(command, serviceOf(options))
  const { file } = options
  const names = { source: nameOfPlace(place), target: file }
  const path = place.url === undefined ? place.path : undefined
  const tables = await withExisting(place, (source) =>
    backUp({ source, path, file, names, migrations, progress: progressOf(json) }),
  )
  writeAnswer(json, { store: names.source, file, tables: tables ?? null }, () =>
    [...textOf(tables ?? []), `${names.source} is backed up in ${file}`].join('\n'),
  )
}

async function restoreStore(options: Options & { file: string }, command: Command) {
  const store = await storeOf(command, serviceOf(options))
  await copy(
    { from: { path: options.file }, to: store.place, store, holdSource: false, done: 'is restored to' },
    command,
  )
}

async function moveStore(options: Options & TargetOptions, command: Command) {
  const store = await storeOf(command, serviceOf(options))
  const to = targetOf(options, SCHEMAS[serviceOf(options)])
  if (nameOfPlace(to) === nameOfPlace(store.place)) throw new UsageError('--to is the store itself')
  await copy({ from: store.place, to, store, holdSource: true, done: 'is copied to' }, command)
}

async function copy(
  work: { from: DatabasePlace; to: DatabasePlace; store: ConfiguredStore; holdSource: boolean; done: string },
  command: Command,
): Promise<void> {
  const { json } = globalOptions(command)
  const { from, to, store, holdSource, done } = work
  const names = { source: nameOfPlace(from), target: nameOfPlace(to) }
  const copied = (source: OpenDatabase) =>
    withDatabase(to, (target) =>
      held({ place: to, hold: store.hold }, target, () =>
        copyDatabase({ source, target, names, migrations: store.migrations, progress: progressOf(json) }),
      ),
    )
  const tables = await withExisting(from, (source) =>
    holdSource ? held({ place: from, hold: store.hold }, source, () => copied(source)) : copied(source),
  )
  writeAnswer(json, { from: names.source, to: names.target, tables }, () =>
    [...textOf(tables), `${names.source} ${done} ${names.target}: every row was read back and compared`].join(
      '\n',
    ),
  )
}

/** Works while no service has the database. */
async function held<T>(
  { place, hold }: Pick<ConfiguredStore, 'place' | 'hold'>,
  db: OpenDatabase,
  work: () => Promise<T>,
): Promise<T> {
  const claim = await hold(db, place)
  try {
    return await work()
  } finally {
    await claim.release()
  }
}

const SHOWN = 12

const textOf = (tables: readonly CopiedTable[]) =>
  tables.map(
    ({ table, rows, checksum }) =>
      `${table.padEnd(20)} ${String(rows).padStart(10)} rows  ${checksum.slice(0, SHOWN)}`,
  )

const EVERY_ROWS = 10_000

/** Now and then a line on standard error. */
function progressOf(json: boolean): (table: string, rows: number) => void {
  let told = 0
  return (table, rows) => {
    if (rows < told) told = 0
    if (json || rows - told < EVERY_ROWS) return
    told = rows
    writeRemark(`${table}: ${rows} rows`)
  }
}

const failing =
  <O>(action: (options: O, command: Command) => Promise<void>) =>
  async (options: O, command: Command): Promise<void> => {
    try {
      await action(options, command)
    } catch (error) {
      if (error instanceof DatabaseError) throw new CommandFailed(error.message)
      throw error
    }
  }
