import type { Logger } from '@adf/service'
import { Counter, type Registry } from 'prom-client'
import type { UnreadableRow } from './sql/rows.ts'

/** A list that is polled meets the same row each time; it fills no log. */
const LOG_EVERY_MS = 60_000

/** Counts rows that could not be read, and logs one of them, with how many there were, once in a while. */
export function createUnreadableRows(deps: {
  registry: Registry
  log: Pick<Logger, 'error'>
  clock: () => number
}): (row: UnreadableRow) => void {
  const met = new Counter({
    name: 'adf_store_rows_unreadable_total',
    help: 'Rows that could not be read and were left out of an answer, each time they were met, by table.',
    labelNames: ['table'],
    registers: [deps.registry],
  })
  let loggedMs = Number.NEGATIVE_INFINITY
  let since = 0
  return ({ table, id, error }) => {
    met.inc({ table })
    since++
    if (Math.abs(deps.clock() - loggedMs) < LOG_EVERY_MS) return
    deps.log.error(
      { err: error, table, id, met: since },
      'a row of the store cannot be read; it is left out, see adf_store_rows_unreadable_total',
    )
    loggedMs = deps.clock()
    since = 0
  }
}
