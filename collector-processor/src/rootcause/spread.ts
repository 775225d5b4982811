/** How trouble goes from a cause to those that call it, directly or not, as far as they show something. */
export interface Spread {
  /** From the cause to the service farthest from it that shows something; the cause alone when none of its callers does. */
  readonly path: readonly string[]
  /** All that its trouble explains, without itself. */
  readonly explained: readonly string[]
}

/** Breadth first against the direction of the calls, over services with findings. Cycles end it. */
export function spreadOf(
  cause: string,
  odd: ReadonlySet<string>,
  callersOf: (service: string) => readonly string[],
): Spread {
  const from = new Map<string, string | undefined>([[cause, undefined]])
  const queue = [cause]
  for (const service of queue) {
    for (const caller of callersOf(service)) {
      if (from.has(caller) || !odd.has(caller)) continue
      from.set(caller, service)
      queue.push(caller)
    }
  }
  const path: string[] = []
  for (let at = queue.at(-1); at !== undefined; at = from.get(at)) path.push(at)
  return { path: path.reverse(), explained: queue.slice(1) }
}
