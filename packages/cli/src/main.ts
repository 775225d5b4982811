import { register as config } from './commands/config.ts'
import { register as token } from './commands/token.ts'
import { createProgram, runProgram } from './program/program.ts'

const commands = [config, token]

process.exitCode = await runProgram(createProgram(commands), process.argv.slice(2))
