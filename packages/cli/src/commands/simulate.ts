import { writeFileSync } from 'node:fs'
import { Refused, type SimulatedEvent, STREAMS, type StreamName, sendEvents, simulateEvents } from '@adf/demo'
import { type Command, Option } from 'commander'
import ora from 'ora'
import { CommandFailed, UsageError } from '../output/failure.ts'
import { writeAnswer } from '../output/write.ts'
import { type Address, PROCESSOR, tokenOf, urlOf, withAddress } from '../program/address.ts'
import { globalOptions } from '../program/options.ts'
import { parsePositive, parseShare, parseWhole } from './arguments.ts'

interface Options extends Address {
  readonly stream: StreamName
  readonly rate: number
  readonly count: number
  readonly seed: number
  readonly anomalies: number
  readonly labels?: string
}

const MAX_COUNT = 1_000_000

/** `adf simulate`: events of the example streams, over HTTP. */
export function register(program: Command): void {
  const command = program
    .command('simulate')
    .description('send seeded events of an example stream to a running ADF')
    .addOption(new Option('--stream <name>', 'which stream').choices([...STREAMS]).makeOptionMandatory())
    .option('--rate <n>', 'events each second', parsePositive, 50)
    .option('--count <n>', 'how many', parseWhole, 10_000)
    .option('--seed <n>', 'the same seed gives the same events', parseWhole, 1)
    .option('--anomalies <share>', 'share of anomalous events', parseShare, 0.01)
    .option('--labels <file>', 'write which event was anomalous: index,timestamp,label')
    .addHelpText(
      'after',
      '\nThe stream must be in the configuration: adf up --config provisioning/streams/NAME.yaml.\n',
    )
  withAddress(command, PROCESSOR, 'ingest').action(async (options: Options, self: Command) => {
    await simulate(options, globalOptions(self).json)
  })
}

async function simulate(options: Options, json: boolean): Promise<void> {
  const { stream, count, seed, anomalies, rate } = options
  if (count < 1 || count > MAX_COUNT) throw new UsageError(`--count must be 1 to ${MAX_COUNT}`)
  const url = urlOf(PROCESSOR, options)
  const startMs = Date.now()
  // Made twice rather than kept: the same seed gives the same events.
  const events = () => simulateEvents({ stream, count, seed, anomalies, startMs, intervalMs: 1000 / rate })
  const anomalous = writeLabels(events(), options.labels)
  const token = tokenOf(options)
  const spinner = ora({ stream: process.stderr, isSilent: !process.stderr.isTTY }).start()
  try {
    const sent = await sendEvents(events(), {
      url,
      stream,
      ratePerSecond: rate,
      ...(token !== undefined && { token }),
      onProgress: (done) => {
        spinner.text = `${done} of ${count} events`
      },
    })
    const result = { stream, ...sent, anomalous }
    spinner.stop()
    writeAnswer(json, result, () =>
      [
        `${sent.sent} events of ${stream} sent, ${anomalous} of them anomalous: ${sent.accepted} accepted, ${sent.rejected} rejected`,
        ...new Set(sent.errors.map((error) => `  ${error}`)),
      ].join('\n'),
    )
    if (sent.rejected > 0) process.exitCode = 1
  } catch (error) {
    if (error instanceof Refused) throw new CommandFailed(error.message)
    throw error
  } finally {
    spinner.stop()
  }
}

/** How many are anomalous; which ones goes to the file, if there is one. */
function writeLabels(events: Iterable<SimulatedEvent>, file: string | undefined): number {
  const lines = ['index,timestamp,label\n']
  let anomalies = 0
  for (const { event, anomalous } of events) {
    if (anomalous) anomalies++
    if (file !== undefined) lines.push(`${lines.length - 1},${event['timestamp']},${anomalous ? 1 : 0}\n`)
  }
  if (file !== undefined) writeFileSync(file, lines.join(''))
  return anomalies
}
