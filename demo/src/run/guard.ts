/** A program that is not Node on the leash: `guard.ts PROGRAM [ARGUMENT…]` runs it and takes it along when it ends itself. */
import { spawn } from 'node:child_process'

const [program = '', ...args] = process.argv.slice(2)
const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] })
child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})
child.on('exit', (code) => process.exit(code ?? 1))
process.on('exit', () => child.kill('SIGKILL'))
process.on('SIGTERM', () => process.exit(0))
