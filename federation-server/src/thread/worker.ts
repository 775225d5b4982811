import { parentPort, workerData } from 'node:worker_threads'
import { UpdateError } from '@adf/detectors/update'
import { RunComputation } from '../round/run-computation.ts'
import type { Numbered, Outcome, Task, ThreadRun } from './message.ts'

const runs: readonly ThreadRun[] = workerData
const computations = new Map(
  runs.map(({ name, settings, secret }) => [name, new RunComputation(settings, secret)]),
)

parentPort?.on('message', ({ number, message }: Numbered<Task>) => {
  parentPort?.postMessage({ number, message: outcomeOf(message) } satisfies Numbered<Outcome>)
})

function outcomeOf(task: Task): Outcome {
  try {
    const computation = computations.get(task.run)
    if (computation === undefined) throw new Error(`no run ${task.run}`)
    if (task.kind === 'judge') return { kind: 'judged', judged: computation.judge(task.round) }
    if (task.kind === 'combine') return computation.combine(task.round)
    return { kind: 'read', reading: computation.read(task.body) }
  } catch (error) {
    if (error instanceof UpdateError) return { kind: 'refused', code: error.code, detail: error.message }
    return { kind: 'failed', error }
  }
}
