import { writeFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { SloReport } from '@adf/contract'
import { DEFAULT_NAME, type Objective, readObjectives, THIRTY_DAYS } from '@adf/processor'
import type { Command } from 'commander'
import { stringify } from 'yaml'
import { CommandFailed, exitStatus, UsageError } from '../output/failure.ts'
import { writeAnswer } from '../output/write.ts'
import { type Address, PROCESSOR, withAddress } from '../program/address.ts'
import { configOf, globalOptions } from '../program/options.ts'
import { ServiceClient } from '../program/service-client.ts'
import { ruleTestsOf } from '../slo/rule-tests.ts'
import { rulesOf } from '../slo/rules.ts'
import { statusText } from '../slo/status-text.ts'

interface RulesOptions {
  readonly out?: string
  readonly tests?: string
}

/** `adf slo rules | status` */
export function register(program: Command): void {
  const slo = program.command('slo').description('service-level objectives')
  withAddress(
    slo
      .command('status')
      .description(
        'objectives of a running ADF, their burn rates and budgets; exit status 1 while an alert fires',
      ),
    PROCESSOR,
    'read',
  ).action(async (address: Address, command: Command) => {
    const report = await new ServiceClient(PROCESSOR, address).get('/api/slo', SloReport)
    if (report.objectives.some(({ alerts }) => alerts.length > 0)) process.exitCode = exitStatus.failed
    writeAnswer(globalOptions(command).json, report, () => statusText(report))
  })
  slo
    .command('rules')
    .description('Prometheus recording and alerting rules of objectives, over the counters that ADF exports')
    .argument('[files...]', 'OpenSLO documents, YAML (default: the objectives of the configuration)')
    .option('--out <file>', 'write the rules to this file')
    .option('--tests <file>', 'write tests of them for promtool test rules; needs --out')
    .action((files: string[], options: RulesOptions, command: Command) => rules(files, options, command))
}

function rules(files: readonly string[], { out, tests }: RulesOptions, command: Command): void {
  if (tests !== undefined && out === undefined)
    throw new UsageError('--tests needs --out: tests name the file of the rules')
  const objectives = files.length > 0 ? read({ files, objectives: [] }) : configured(command)
  if (objectives.length === 0)
    throw new UsageError(
      'no objective: name OpenSLO files, or a configuration with slo.files, slo.objectives or slo.services',
    )
  const made = rulesOf(objectives)
  if (out === undefined) {
    writeAnswer(globalOptions(command).json, made, () => yaml(made))
    return
  }
  write(out, yaml(made))
  // promtool takes the path as seen from the file of the tests.
  if (tests !== undefined)
    write(tests, yaml(ruleTestsOf(objectives, made, relative(dirname(resolve(tests)), resolve(out)))))
}

function configured(command: Command): readonly Objective[] {
  const { slo } = configOf(command)
  const documents = read(slo)
  const known = new Set(
    documents.filter(({ indicator }) => indicator.kind === 'availability').map(({ service }) => service),
  )
  const services = Object.entries(slo.services).filter(([service]) => !known.has(service))
  return [
    ...documents,
    ...services.map(
      ([service, target]): Objective => ({
        name: DEFAULT_NAME,
        displayName: null,
        service,
        indicator: { kind: 'availability' },
        target,
        period: THIRTY_DAYS,
        origin: 'configuration',
      }),
    ),
  ]
}

function read(sources: Parameters<typeof readObjectives>[0]): readonly Objective[] {
  const { objectives, faults } = readObjectives(sources)
  if (faults.length > 0)
    throw new UsageError(
      ['the objectives have faults:', ...faults.map(({ message }) => `  ${message}`)].join('\n'),
    )
  return objectives
}

const yaml = (value: unknown) => stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch (error) {
    throw new CommandFailed(`cannot write ${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
