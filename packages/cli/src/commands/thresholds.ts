import {
  Threshold,
  type ThresholdChange,
  ThresholdHistory,
  ThresholdPage,
  ThresholdRollbackAnswer,
} from '@adf/contract'
import { type Command, Option } from 'commander'
import { z } from 'zod'
import { columns } from '../output/columns.ts'
import { UsageError } from '../output/failure.ts'
import { writeAnswer } from '../output/write.ts'
import { type Address, PROCESSOR, withAddress } from '../program/address.ts'
import { globalOptions } from '../program/options.ts'
import { ServiceClient } from '../program/service-client.ts'
import { parseThreshold, parseWhole } from './arguments.ts'

interface ListOptions extends Address {
  readonly stream?: string
  readonly entity?: string
  readonly limit: number
}

/** Items on a page of the API. */
const PAGE = 500

/** `adf thresholds`: from where on vectors of a running ADF are anomalous. */
export function register(program: Command): void {
  const thresholds = program
    .command('thresholds')
    .description('see, set and roll back the thresholds of a running ADF')
  listing(thresholds, 'list', 'thresholds that differ from the initial one', 1000).action(
    async (options: ListOptions, command: Command) => {
      const { first, items } = await pages<Threshold, ThresholdPage>(
        options,
        '/api/thresholds',
        ThresholdPage,
      )
      const answer = { initial: first.initial, items }
      writeAnswer(globalOptions(command).json, answer, () => listText(answer))
    },
  )
  listing(thresholds, 'history', 'who or what changed thresholds, when and why, the latest first', 50).action(
    async (options: ListOptions, command: Command) => {
      const { items } = await pages<ThresholdChange, ThresholdHistory>(
        options,
        '/api/thresholds/history',
        ThresholdHistory,
      )
      writeAnswer(globalOptions(command).json, items, () => historyText(items))
    },
  )
  setCommand(thresholds)
  rollbackCommand(thresholds)
}

function listing(parent: Command, name: string, description: string, limit: number): Command {
  return withAddress(
    parent
      .command(name)
      .description(description)
      .option('--stream <stream>', 'of this stream alone')
      .option('--entity <id>', 'of this entity alone')
      .addOption(new Option('--limit <n>', 'how many at most').argParser(parseWhole).default(limit)),
    PROCESSOR,
    'read',
  )
}

interface Page<T> {
  readonly items: readonly T[]
  readonly next_cursor: string | null
}

/** Reads on until there are enough. */
async function pages<T, P extends Page<T>>(
  { stream, entity, limit, ...options }: ListOptions,
  path: string,
  schema: z.ZodType<P & Page<T>>,
): Promise<{ first: P; items: T[] }> {
  if (limit < 1) throw new UsageError('--limit is at least 1')
  const client = new ServiceClient(PROCESSOR, options)
  const page = (count: number, cursor: string | undefined) =>
    client.get(path, schema, { stream, entity, limit: Math.min(PAGE, count), cursor })
  const first = await page(limit, undefined)
  const items = [...first.items]
  for (let cursor = first.next_cursor; cursor !== null && items.length < limit; ) {
    const next = await page(limit - items.length, cursor)
    items.push(...next.items)
    cursor = next.next_cursor
  }
  return { first, items }
}

interface SetOptions extends Address {
  readonly reason?: string
  readonly ifVersion?: number
}

function setCommand(thresholds: Command): void {
  withAddress(
    thresholds
      .command('set')
      .description('set the threshold of an entity; it holds for the next vector, and no tuner changes it')
      .argument('<stream>', 'such as service or host')
      .argument('<entity>', 'its id, as in GET /api/entities')
      .argument('<value>', 'severity from 0 to 2, or `initial` to give it back', parseThreshold)
      .option('--reason <text>', 'why, for the history')
      .option('--if-version <n>', 'only if it has this version; 0: the initial one', parseWhole),
    PROCESSOR,
    'admin',
  ).action(
    async (
      stream: string,
      entity: string,
      value: number | null,
      { reason, ifVersion, ...options }: SetOptions,
      command: Command,
    ) => {
      const threshold = await new ServiceClient(PROCESSOR, options).send(
        'PUT',
        '/api/thresholds',
        { stream, entity_id: entity, value, reason, if_version: ifVersion },
        Threshold.or(z.null()),
      )
      writeAnswer(globalOptions(command).json, threshold, () =>
        threshold === null
          ? `${entity} in ${stream} has the initial threshold again`
          : `${entity} in ${stream} has the threshold ${threshold.value} (version ${threshold.version})`,
      )
    },
  )
}

interface RollbackOptions extends Address {
  readonly toVersion?: number
  readonly reason?: string
}

function rollbackCommand(thresholds: Command): void {
  withAddress(
    thresholds
      .command('rollback')
      .description(
        'take back the last change of an entity, or with --to-version all later ones, of it or of every entity',
      )
      .argument('[stream]', 'left out, with the entity: of all')
      .argument('[entity]', 'its id')
      .option('--to-version <n>', 'the version to go back to; 0: before the first', parseWhole)
      .option('--reason <text>', 'why, for the history'),
    PROCESSOR,
    'admin',
  ).action(
    async (
      stream: string | undefined,
      entity: string | undefined,
      { toVersion, reason, ...options }: RollbackOptions,
      command: Command,
    ) => {
      if (stream !== undefined && entity === undefined)
        throw new UsageError(`of which entity of ${stream}? give its id too, or --to-version alone for all`)
      if (stream === undefined && toVersion === undefined)
        throw new UsageError('what shall be taken back? give a stream and an entity, or --to-version')
      const { changes } = await new ServiceClient(PROCESSOR, options).send(
        'POST',
        '/api/thresholds/rollback',
        { stream, entity_id: entity, to_version: toVersion, reason },
        ThresholdRollbackAnswer,
      )
      writeAnswer(globalOptions(command).json, changes, () =>
        changes.length === 0 ? 'nothing to take back: all is as it was then' : historyText(changes),
      )
    },
  )
}

function listText({ initial, items }: { initial: number | null; items: readonly Threshold[] }): string {
  const others = initial === null ? 'by the budget of alerts of each' : String(initial)
  if (items.length === 0) return `every entity has the initial threshold: ${others}`
  const rows = items.map(({ stream, entity_id, value, source, version, updated_at, updated_by, reason }) => [
    stream,
    entity_id,
    String(value),
    source,
    String(version),
    updated_at,
    updated_by ?? '',
    reason ?? '',
  ])
  const head = ['STREAM', 'ENTITY', 'THRESHOLD', 'HELD BY', 'VERSION', 'SINCE', 'BY', 'WHY']
  return [columns(head, rows, ['THRESHOLD', 'VERSION']), '', `all others: ${others}`].join('\n')
}

function historyText(changes: readonly ThresholdChange[]): string {
  if (changes.length === 0) return 'no threshold was changed'
  const value = (each: number | null) => (each === null ? 'initial' : String(each))
  const rows = changes.map(({ version, at, stream, entity_id, from, to, source, by, reason }) => [
    String(version),
    at,
    stream,
    entity_id,
    value(from),
    value(to),
    source,
    by ?? '',
    reason ?? '',
  ])
  const head = ['VERSION', 'AT', 'STREAM', 'ENTITY', 'FROM', 'TO', 'SOURCE', 'BY', 'WHY']
  return columns(head, rows, ['VERSION', 'FROM', 'TO'])
}
