// Ends parts of the stack at random for ten minutes, and tells what was lost: docs/operations.md, Chaos.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { builtVariant, variantNeeds } from '../harness/collector.ts'
import { kafkaNeeds } from '../harness/kafka.ts'
import { needs } from '../harness/servers.ts'
import { damage, runChaos } from './chaos.ts'
import { formatReport } from './report.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    every: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
})
const say = (text: string) => process.stderr.write(`${text}\n`)
const numberOf = (name: 'minutes' | 'every' | 'seed') => {
  const value = Number(values[name])
  if (!(value > 0)) {
    say(`--${name} is ${values[name]}, and has to be a number above zero`)
    process.exit(2)
  }
  return value
}

const collector = builtVariant('full')
const missing =
  kafkaNeeds() ??
  needs('prometheus', 'alertmanager', 'postgresql') ??
  (collector === undefined ? variantNeeds('full') : undefined)
if (missing !== undefined || collector === undefined) {
  say(`Something is missing: ${missing}`)
  process.exit(1)
}
const report = await runChaos({
  collector,
  durationMs: values.quick ? 60_000 : numberOf('minutes') * 60_000,
  everyMs: values.quick ? 10_000 : numberOf('every') * 1000,
  seed: numberOf('seed'),
  progress: say,
})
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 1)}\n`)
process.stdout.write(formatReport(report))
process.exitCode = damage(report) === 0 ? 0 : 1
