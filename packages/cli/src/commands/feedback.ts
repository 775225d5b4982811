import { Verdict, type VerdictEntry, VerdictLog } from '@adf/contract'
import { type Command, Option } from 'commander'
import { z } from 'zod'
import { columns } from '../output/columns.ts'
import { UsageError } from '../output/failure.ts'
import { writeAnswer } from '../output/write.ts'
import { type Address, PROCESSOR, withAddress } from '../program/address.ts'
import { globalOptions } from '../program/options.ts'
import { ServiceClient } from '../program/service-client.ts'
import { parseWhole } from './arguments.ts'

const WORDS = { useful: 'true_positive', noise: 'false_positive' } as const

interface GiveOptions extends Address {
  readonly incident?: string
  readonly anomaly?: string
  readonly cause?: string
  readonly note?: string
  readonly author?: string
}

/** `adf feedback`: an operator's word on what a running ADF found. */
export function register(program: Command): void {
  const feedback = program
    .command('feedback')
    .description('say whether an incident or anomaly of a running ADF was worth an alert')
  giveCommand(feedback)
  listCommand(feedback)
  withAddress(
    feedback
      .command('withdraw')
      .description('take a verdict back: the latest of the others holds again, or none')
      .argument('<id>', 'of the verdict, as `give` and `list` tell it'),
    PROCESSOR,
    'feedback',
  ).action(async (id: string, options: Address, command: Command) => {
    const path = `/api/feedback/${encodeURIComponent(id)}`
    await new ServiceClient(PROCESSOR, options).send('DELETE', path, undefined, z.undefined())
    writeAnswer(globalOptions(command).json, { id, withdrawn: true }, () => `verdict ${id} is taken back`)
  })
}

function giveCommand(feedback: Command): void {
  withAddress(
    feedback
      .command('give')
      .description('give a verdict, or change the one that you gave')
      .argument('<verdict>', 'useful (true_positive) or noise (false_positive)')
      .option('--incident <id>', 'on this incident')
      .option('--anomaly <id>', 'on this anomaly')
      .option('--cause <service>', 'what the cause was (default: the first-ranked one is right)')
      .option('--note <text>', 'what others should know')
      .option('--author <name>', 'whose word it is (default: the name of the token)'),
    PROCESSOR,
    'feedback',
  ).action(async (word: string, options: GiveOptions, command: Command) => {
    const { incident, anomaly, cause, note, author } = options
    if ((incident === undefined) === (anomaly === undefined))
      throw new UsageError('on what? give one of --incident and --anomaly')
    const body = {
      incident_id: incident,
      anomaly_id: anomaly,
      verdict: verdictOf(word),
      cause,
      note,
      author,
    }
    const verdict = await new ServiceClient(PROCESSOR, options).send('POST', '/api/feedback', body, Verdict)
    writeAnswer(
      globalOptions(command).json,
      verdict,
      () => `verdict ${verdict.id}: ${targetOf(verdict)} is ${wordOf(verdict)}`,
    )
  })
}

function listCommand(feedback: Command): void {
  withAddress(
    feedback
      .command('list')
      .description('verdicts as they were given, changed and taken back, the latest last')
      .addOption(new Option('--limit <n>', 'how many, at most 500').argParser(parseWhole).default(20))
      .option('--after <cursor>', 'those after this one, in place of the latest', parseWhole),
    PROCESSOR,
    'read',
  ).action(async (options: Address & { limit: number; after?: number }, command: Command) => {
    const { limit, after } = options
    const client = new ServiceClient(PROCESSOR, options)
    const page = (from: number) => client.get('/api/verdicts', VerdictLog, { after: from, limit })
    const log = await page(after ?? 0)
    const { items, latest } = after === undefined && log.latest > limit ? await page(log.latest - limit) : log
    writeAnswer(globalOptions(command).json, { items, latest }, () => table(items))
  })
}

function verdictOf(word: string): Verdict['verdict'] {
  const known = Object.entries(WORDS).find((pair) => pair.includes(word))
  if (known === undefined) throw new UsageError(`${word} is no verdict: say useful or noise`)
  return known[1]
}

const wordOf = ({ verdict }: Verdict) => (verdict === 'true_positive' ? 'useful' : 'noise')

const targetOf = ({ anomaly_id, incident_id }: Verdict) =>
  anomaly_id === null ? `incident ${incident_id}` : `anomaly ${anomaly_id}`

function table(items: readonly VerdictEntry[]): string {
  if (items.length === 0) return 'no verdicts'
  const rows = items.map(({ cursor, verdict, previous, withdrawn, episodes }) => [
    String(cursor),
    verdict.time,
    verdict.id,
    targetOf(verdict),
    withdrawn ? `${wordOf(verdict)}, taken back` : wordOf(verdict),
    previous === null || withdrawn ? '' : wordOf({ ...verdict, verdict: previous }),
    verdict.author ?? '',
    episodes[0] === undefined ? '' : `${episodes[0].entity_id} ${episodes[0].severity.toFixed(2)}`,
  ])
  const head = ['CURSOR', 'TIME', 'VERDICT', 'ON', 'WORD', 'BEFORE', 'BY', 'WORST']
  return columns(head, rows, ['CURSOR'])
}
