/** That of a process, mostly: thousands of entities need not each keep what follows from it. */
const last = { halfLife: 1, decay: 0.5 }

/** What a weight is multiplied by with each further value, to be half after `halfLife` of them. */
export function decayOf(halfLife: number): number {
  if (last.halfLife !== halfLife) {
    last.halfLife = halfLife
    last.decay = 2 ** (-1 / halfLife)
  }
  return last.decay
}
