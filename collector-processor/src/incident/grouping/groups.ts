import { rootsOf } from './roots.ts'
import type { Trouble } from './trouble.ts'

/** Who belongs to which cause. */
export interface Grouping {
  /** Likeliest first. */
  readonly roots: readonly string[]
  /** For each member the roots that explain it, best first; one that nothing explains is its own. */
  readonly explained: ReadonlyMap<string, readonly string[]>
  /** What the root explains, nearest first. */
  reach(root: string): Iterable<string>
}

/**
 * Members by the causes that explain them: a cause explains those that call it, directly or not, with the trouble visible
 * in between, and what is on the same anomalous host. What only follows belongs to who calls it.
 */
export function groupsOf(trouble: Trouble): Grouping {
  const { members, explanation } = trouble
  const found = rootsOf(trouble)
  const roots = [...found]
  const explained = new Map<string, string[]>([...members.keys()].sort().map((key) => [key, []]))
  for (const root of found) for (const key of explanation.of(root)) explained.get(key)?.push(root)
  for (const [key, causes] of explained) {
    if (causes.length > 0) continue
    causes.push(...downstreamOf(key, found, trouble))
    if (causes.length > 0) continue
    roots.push(key)
    causes.push(key)
  }
  return { roots, explained, reach: (root) => explanation.of(root) }
}

/** The roots of those that call it, directly or not. */
function downstreamOf(key: string, roots: readonly string[], { explanation }: Trouble): string[] {
  const callers = explanation.of(key)
  return roots.filter((root) => {
    for (const one of explanation.of(root)) if (one !== key && callers.has(one)) return true
    return false
  })
}
