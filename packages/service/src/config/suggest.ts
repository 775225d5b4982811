import leven from 'leven'

/** The name that was probably meant, when one is near enough to be worth telling. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Math.max(2, Math.floor(name.length / 3)) + 1
  for (const candidate of candidates) {
    const distance = leven(name.toLowerCase(), candidate.toLowerCase())
    // Two names that share less than half of their letters are not the same name misspelt.
    if (distance < least && distance < candidate.length / 2 + 1) {
      least = distance
      best = candidate
    }
  }
  return best
}
