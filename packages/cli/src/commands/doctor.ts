import type { Command } from 'commander'
import { examine } from '../doctor/doctor.ts'
import type { Finding, FindingStatus } from '../doctor/finding.ts'
import { exitStatus } from '../output/failure.ts'
import { styled } from '../output/style.ts'
import { writeAnswer } from '../output/write.ts'
import { type Address, givenUrl, PROCESSOR, tokenOf } from '../program/address.ts'
import { globalOptions, readConfig } from '../program/options.ts'

/** `adf doctor`: what is wrong with a running ADF and around it, and what to do. */
export function register(program: Command): void {
  program
    .command('doctor')
    .description('look at a running ADF and around it: what is wrong, and what to do')
    .option('--url <url>', 'API of the processor (default: $ADF_URL, else that of the configuration)')
    .option('--token <token>', 'bearer token with the scope read (default: $ADF_TOKEN)')
    .addHelpText('after', '\nExit status 1 when there is a fault. docs/doctor.md explains the checks.\n')
    .action(async (address: Address, command: Command) => {
      const findings = await examine({
        load: () => readConfig(command),
        url: givenUrl(PROCESSOR, address),
        token: tokenOf(address),
        clock: Date.now,
      })
      const count = (status: FindingStatus) => findings.filter((one) => one.status === status).length
      const [faults, warnings] = [count('fault'), count('warning')]
      if (faults > 0) process.exitCode = exitStatus.failed
      writeAnswer(globalOptions(command).json, { ok: faults === 0, faults, warnings, checks: findings }, () =>
        [
          ...findings.map(lineOf),
          '',
          faults + warnings === 0 ? styled('green', 'all is well') : `${faults} faults, ${warnings} warnings`,
        ].join('\n'),
      )
    })
}

const COLOURS = { ok: 'green', warning: 'yellow', fault: 'red' } as const

function lineOf({ status, check, text, advice }: Finding): string {
  const line = `${styled(COLOURS[status], status.padEnd(7))}  ${check}: ${text}`
  return advice === undefined ? line : `${line}\n         -> ${advice}`
}
