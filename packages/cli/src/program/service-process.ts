import { StartFault } from '@adf/service'
import { CommandFailed } from '../output/failure.ts'

/** Waits until a service has stopped, and ends the process with its status. Rejects with CommandFailed when it could not start. */
export async function exitWith(running: Promise<number>): Promise<never> {
  const status = await running.catch(explain)
  // Sockets of clients that keep their connection must not hold the process.
  process.exit(status)
}

/** What keeps a service from its start is for the operator to mend: in plain text, without a stack. */
export function explain(error: unknown): never {
  if (error instanceof StartFault) throw new CommandFailed(error.message)
  throw error
}
