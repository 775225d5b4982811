import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * How far the heap may grow between two full collections, in per cent of what the last one left. Request bodies are memory outside
 * of V8's heap that counts towards its limit: by V8's own rule it was marked six times a second under load, for a third of
 * the CPU time (docs/benchmarks.md). V8 reads this flag at each collection, so that it may be set at any time.
 */
const PLENTY_PERCENT = 300
/** The same where memory is short. */
const SHORT_PERCENT = 15

type Collect = (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void

/** V8's garbage, as far as it lets itself be told. */
export interface Garbage {
  /** Whether it may pile up. */
  plenty(yes: boolean): void
  /** Collects all of it and gives the pages back to the system; the process stands still meanwhile, some 100 ms for each 100 MB in use. */
  collect(): void
}

export function createGarbage(): Garbage {
  // The function is there only while the flag is set; nobody else is to find it.
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as Collect
  setFlagsFromString('--no-expose-gc')
  const plenty = (yes: boolean) =>
    setFlagsFromString(`--heap-growing-percent=${yes ? PLENTY_PERCENT : SHORT_PERCENT}`)
  plenty(true)
  return { plenty, collect: () => collect({ type: 'major', execution: 'sync', flavor: 'last-resort' }) }
}
