import {
  type ColumnDefinitionNode,
  CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  DataTypeNode,
  type Kysely,
  PostgresDialect,
  PostgresDriver,
  type PostgresPool,
  PostgresQueryCompiler,
  RawNode,
  type TransactionSettings,
} from 'kysely'
import { ClaimLost, OutcomeUnknown, unavailable } from './fault.ts'
import { SchemaIntrospector } from './introspector.ts'

/** Who writes by this connection pool, and what it must still hold to do so. */
export interface Writer {
  /** A UUID, new for each process. */
  readonly id: string
  /** The role that was claimed; every transaction checks that it still is. */
  role: string | undefined
  /** Of its latest transaction. */
  sequence: number
}

/**
 * Writers of one schema take turns, as SQLite's do: what a transaction read is what it changes. Several that have a turn *beside* each other
 * may read what is changed in turns alone, and change what no other of them does.
 */
export type Turn = 'alone' | 'beside'

const TURNS: Readonly<Record<Turn, string>> = {
  alone: 'select pg_advisory_xact_lock(hashtextextended(current_schema(), 0))',
  beside: 'select pg_advisory_xact_lock_shared(hashtextextended(current_schema(), 0))',
}

interface TurnTakingParts {
  readonly pool: PostgresPool
  readonly writer: Writer
  readonly turn: Turn
}

type Connection = Parameters<PostgresDriver['rollbackTransaction']>[0]

class Driver extends PostgresDriver {
  readonly #pool: PostgresPool
  readonly #writer: Writer
  readonly #turn: Turn
  /** Those whose latest transaction is one that only reads: it takes no turn and leaves no mark. */
  readonly #reading = new WeakSet<Connection>()

  constructor({ pool, writer, turn }: TurnTakingParts) {
    super({ pool })
    this.#pool = pool
    this.#writer = writer
    this.#turn = turn
  }

  override async beginTransaction(connection: Connection, settings: TransactionSettings) {
    if (settings.accessMode === 'read only') {
      this.#reading.add(connection)
      return super.beginTransaction(connection, settings)
    }
    this.#reading.delete(connection)
    const { id, role } = this.#writer
    const claim =
      role === undefined
        ? ''
        : `; select count(*) as held from adf_claims where role = '${role}' and holder = '${id}'`
    try {
      const { rows } = await run(connection, `begin; ${TURNS[this.#turn]}${claim}`)
      if (role !== undefined && rows[0]?.['held'] !== 1)
        throw new ClaimLost('another adf took over; this one must not write any more')
    } catch (error) {
      await this.rollbackTransaction(connection)
      throw error
    }
  }

  /**
   * Leaves a mark in the transaction, by which it can be found out whether it was committed when the connection is lost
   * before the answer. In one message: nothing is asked for in between.
   */
  override async commitTransaction(connection: Connection) {
    if (this.#reading.has(connection)) return super.commitTransaction(connection)
    const { id } = this.#writer
    const sequence = ++this.#writer.sequence
    try {
      await run(
        connection,
        `insert into adf_writers (writer, sequence, at) values ('${id}', ${sequence}, now())
         on conflict (writer) do update set sequence = ${sequence}, at = now(); commit`,
      )
    } catch (error) {
      const gone = unavailable(error)
      throw gone === undefined ? error : new OutcomeUnknown(gone, () => this.#settle(sequence))
    }
  }

  // A failing one would hide why the transaction failed; the connection is not used again then.
  override async rollbackTransaction(connection: Connection) {
    await super.rollbackTransaction(connection).catch(() => {})
  }

  async #settle(sequence: number): Promise<'committed' | 'undone'> {
    const client = await this.#pool.connect()
    try {
      // The lost session may be committing still; its turn ends with it.
      await client.query(`begin; ${TURNS.alone}`, [])
      const mark = `select sequence from adf_writers where writer = '${this.#writer.id}'`
      const { rows } = await client.query<{ sequence: number }>(mark, [])
      await client.query('rollback', [])
      client.release()
      return Number(rows[0]?.sequence ?? 0) >= sequence ? 'committed' : 'undone'
    } catch (error) {
      client.release(true)
      throw error
    }
  }
}

const run = (connection: DatabaseConnection, sql: string) =>
  connection.executeQuery<Record<string, unknown>>(CompiledQuery.raw(sql))

/** Migrations are written once, in SQLite's words. Text sorts by its bytes there, whatever the locale of the database. */
class Compiler extends PostgresQueryCompiler {
  protected override visitColumnDefinition(node: ColumnDefinitionNode): void {
    const named = DataTypeNode.is(node.dataType) ? node.dataType.dataType : undefined
    const type =
      named === 'blob'
        ? 'bytea'
        : named === 'text'
          ? 'text collate "C"'
          : node.autoIncrement
            ? 'bigint'
            : undefined
    super.visitColumnDefinition(type === undefined ? node : { ...node, dataType: RawNode.create([type], []) })
  }

  /**
   * PostgreSQL takes a value for the type of the column that it meets, and a whole number is nothing else: so 1.5 and Infinity are told to be none,
   * and compare as in SQLite. A column of whole numbers stores them rounded.
   */
  protected override appendValue(value: unknown): void {
    const fraction = typeof value === 'number' && !Number.isInteger(value)
    if (fraction) this.append('cast(')
    super.appendValue(value)
    if (fraction) this.append(' as double precision)')
  }

  protected override getAutoIncrement(): string {
    return 'generated by default as identity'
  }
}

/** PostgreSQL, where transactions take turns and their outcome can be told after a lost connection. */
export class TurnTakingPostgresDialect extends PostgresDialect {
  readonly #parts: TurnTakingParts

  constructor(parts: TurnTakingParts) {
    super({ pool: parts.pool })
    this.#parts = parts
  }

  override createDriver(): PostgresDriver {
    return new Driver(this.#parts)
  }

  override createQueryCompiler(): PostgresQueryCompiler {
    return new Compiler()
  }

  override createIntrospector(db: Kysely<unknown>): DatabaseIntrospector {
    return new SchemaIntrospector(db)
  }
}
