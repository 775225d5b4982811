// A process for process.test.ts: says what it does on standard output, misbehaves as its argument says.
import { createLogger } from '../logging/logger.ts'
import type { Component } from './component.ts'
import { Lifecycle } from './lifecycle.ts'
import { runProcess } from './process.ts'
import { StartFault } from './start-fault.ts'

const [behaviour] = process.argv.slice(2)
const say = (text: string) => process.stdout.write(`${text}\n`)
let timer: NodeJS.Timeout | undefined
const part: Component = {
  name: 'part',
  start: async () => {
    if (behaviour === 'no-start') throw new Error('no port')
    if (behaviour === 'no-port') throw new StartFault('the port is taken; stop who has it')
    timer = setInterval(() => {}, 1000)
    say('up')
    if (behaviour === 'throw') setImmediate(() => fail())
    if (behaviour === 'reject') void Promise.reject(new Error('forgotten'))
  },
  stop: async () => {
    say('draining')
    if (behaviour === 'hang') await new Promise(() => {})
    clearInterval(timer)
    say('drained')
  },
}

function fail(): never {
  throw new Error('thrown')
}

const until = behaviour === 'until' ? AbortSignal.timeout(1) : undefined
process.exit(
  await runProcess(
    new Lifecycle([part]),
    createLogger({ name: 'test' }),
    until === undefined ? {} : { until },
  ).catch((error) => {
    say(`told: ${error.message}`)
    return 3
  }),
)
