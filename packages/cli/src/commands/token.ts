import { createToken, scopes } from '@adf/service'
import { type Command, Option } from 'commander'
import { stringify } from 'yaml'
import { styled } from '../output/style.ts'
import { writeAnswer } from '../output/write.ts'
import { globalOptions } from '../program/options.ts'

/** `adf token`: a new bearer token, and what to put into the configuration for it. Nothing is stored. */
export function register(program: Command): void {
  program
    .command('token')
    .description('make a bearer token and the configuration entry for it')
    .option('--name <name>', 'whose token it is, for logs', 'token')
    .addOption(
      new Option('--scope <scope...>', 'what it may do; admin implies the others')
        .choices(scopes)
        .default(['read']),
    )
    .action((options: { name: string; scope: string[] }, command: Command) => {
      const { token, sha256 } = createToken()
      const entry = { name: options.name, sha256, scopes: [...new Set(options.scope)] }
      writeAnswer(globalOptions(command).json, { token, ...entry }, () =>
        [
          `${styled('bold', token)}`,
          '',
          'The token is shown this once. Clients send it as the header',
          `  authorization: Bearer ${token}`,
          'The configuration holds its SHA-256 only:',
          '',
          stringify({ auth: { tokens: [entry] } }),
        ].join('\n'),
      )
    })
}
