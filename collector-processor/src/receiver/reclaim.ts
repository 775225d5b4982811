import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** What may come in between two collections of the young generation. */
const EVERY = 4 * 2 ** 20

type Collect = (options: { type: 'minor' }) => void

/**
 * Frees the chunks of past requests. They are memory outside of V8's heap behind a few small objects: V8 sees no reason to
 * collect its young generation, which would free them in a millisecond, but collects the whole heap each time that they have
 * grown by some megabytes, several times a second under load. `EVERY` bytes received, the young generation is collected.
 */
export class Reclaim {
  private received = 0
  private readonly collect: Collect | undefined

  constructor(collect: Collect | undefined = youngCollector()) {
    this.collect = collect
  }

  add(bytes: number): void {
    this.received += bytes
    if (this.received < EVERY) return
    this.received = 0
    this.collect?.({ type: 'minor' })
  }
}

/** `gc` is in contexts made after the flag is set, and nowhere else. Undefined where the runtime does not have it. */
function youngCollector(): Collect | undefined {
  setFlagsFromString('--expose-gc')
  const found: unknown = runInNewContext('globalThis.gc')
  setFlagsFromString('--no-expose-gc')
  return isCollect(found) ? found : undefined
}

function isCollect(value: unknown): value is Collect {
  return typeof value === 'function'
}
