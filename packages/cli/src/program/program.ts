import { ConfigError } from '@adf/service'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import manifest from '../../package.json' with { type: 'json' }
import { CommandFailed, exitStatus, UsageError } from '../output/failure.ts'
import { styled } from '../output/style.ts'
import { writeRemark } from '../output/write.ts'

/** Adds one command, with its options and action, to the program. */
export type Register = (program: Command) => void

const endOfHelp = `
Exit status:
  0  done; what was asked about is well
  1  what was asked about is not well, or could not be done
  2  wrong usage or configuration

Configuration comes from the file, then ADF_ variables (ADF_EDGE__WINDOW=10s), then --set; the later wins.
'adf config docs' lists every key.
`

/** The `adf` program. Its global options are taken before and after the command. */
export function createProgram(commands: readonly Register[]): Command {
  const program = new Command('adf')
    .description('Finds what broke, from the OpenTelemetry data that you already have.')
    .version(manifest.version, '--version', 'print the version')
    .option('--config <file>', 'configuration, a YAML file (default: $ADF_CONFIG)', once)
    .option(
      '--set <key=value>',
      'set a configuration key, as in edge.window=10s; may be repeated',
      collect,
      [],
    )
    .option('--json', 'answer in JSON')
    .option('--no-color', 'no colours; none anyway where the output is not a terminal, or with NO_COLOR')
    .helpCommand('help [command]', 'help for a command')
    .addHelpText('after', endOfHelp)
    .showHelpAfterError("See 'adf --help'.")
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .hook('preAction', (self) => {
      if (self.opts()['color'] !== false) return
      process.env['NO_COLOR'] = '1'
      delete process.env['FORCE_COLOR']
    })
  for (const register of commands) register(program)
  return program
}

/** Runs the program on arguments (without node and script) and resolves to the exit status. */
export async function runProgram(program: Command, args: readonly string[]): Promise<number> {
  try {
    await program.parseAsync(args, { from: 'user' })
    // An action may say 1 by itself, after it has printed why.
    return Number(process.exitCode ?? exitStatus.ok)
  } catch (error) {
    return report(error)
  }
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitStatus.ok : exitStatus.usage
  const mark = styled('red', 'error:', process.stderr)
  if (error instanceof ConfigError || error instanceof UsageError) {
    writeRemark(`${mark} ${error.message}`)
    return exitStatus.usage
  }
  if (error instanceof CommandFailed) {
    writeRemark(`${mark} ${error.message}`)
    return exitStatus.failed
  }
  writeRemark(`${mark} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  return exitStatus.failed
}

/** Two files would not be merged: better to say so than to leave one out. */
function once(value: string, earlier: string | undefined): string {
  if (earlier !== undefined)
    throw new InvalidArgumentError(
      'given twice; one file holds the whole configuration, --set changes keys of it',
    )
  return value
}

const collect = (value: string, earlier: string[] = []) => [...earlier, value]
