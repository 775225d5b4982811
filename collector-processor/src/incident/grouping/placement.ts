import type { Grouping } from './groups.ts'

/** An open incident, as far as placing needs it. */
export interface Holder {
  readonly id: string
  readonly root: string | undefined
  readonly members: ReadonlyMap<string, unknown>
}

/** What to do so that the incidents fit the grouping. Keys are those of members. */
export interface Placement {
  /** The cause of each incident that has one. */
  readonly roots: ReadonlyMap<string, string>
  /** Members that are in no incident, by the incident to join. */
  readonly joins: ReadonlyMap<string, readonly string[]>
  /** Members that are in no incident and make a new one, by cause. */
  readonly opens: ReadonlyMap<string, readonly string[]>
  /** Incidents with one cause: the older survives. */
  readonly merges: readonly { readonly survivor: string; readonly other: string }[]
  readonly moves: readonly Move[]
}

interface Move {
  readonly member: string
  readonly from: string
  readonly root: string
  /** undefined: to a new incident of that cause. */
  readonly to: string | undefined
}

/**
 * An incident is at home with the cause it had, else with that of most of its members. What suffers from several causes
 * stays where it is, or goes to the likeliest: it joins no incidents to one. `holders` are in order of opening.
 */
export function placementOf(grouping: Grouping, holders: readonly Holder[]): Placement {
  const holderOf = new Map(
    holders.flatMap((holder) => [...holder.members.keys()].map((key) => [key, holder])),
  )
  const roots = new Map(holders.flatMap((holder) => pair(holder.id, homeOf(holder, grouping))))
  const homes = new Map<string, string>()
  const merges: { survivor: string; other: string }[] = []
  for (const { id } of holders) {
    const root = roots.get(id)
    if (root === undefined) continue
    const survivor = homes.get(root)
    if (survivor === undefined) homes.set(root, id)
    else merges.push({ survivor, other: id })
  }
  const choice = chosen(grouping, holderOf, roots)
  const joins = new Map<string, string[]>()
  const opens = new Map<string, string[]>()
  const moves: Move[] = []
  for (const [member, root] of choice) {
    const from = holderOf.get(member)?.id
    const to = homes.get(root)
    if (from === undefined) push(to === undefined ? opens : joins, to ?? root, member)
    else if (roots.get(from) !== root) moves.push({ member, from, root, to })
  }
  return { roots, joins, opens, merges, moves }
}

function homeOf({ root, members }: Holder, { roots, explained }: Grouping): string | undefined {
  const votes = new Map<string, number>()
  for (const key of members.keys()) {
    const causes = explained.get(key) ?? []
    for (const cause of causes) {
      if (cause === root) return root
      votes.set(cause, (votes.get(cause) ?? 0) + (causes.length === 1 ? members.size + 1 : 1))
    }
  }
  return [...votes].sort(([a, x], [b, y]) => y - x || roots.indexOf(a) - roots.indexOf(b))[0]?.[0]
}

/** The cause that each member stands with. */
function chosen(
  { roots, explained, reach }: Grouping,
  holderOf: ReadonlyMap<string, Holder>,
  homes: ReadonlyMap<string, string>,
): Map<string, string> {
  const choice = new Map<string, string>()
  for (const [key, causes] of explained) {
    const home = homes.get(holderOf.get(key)?.id ?? '')
    const cause = home !== undefined && causes.includes(home) ? home : causes[0]
    if (cause !== undefined) choice.set(key, cause)
  }
  const counts = new Map<string, number>()
  for (const cause of choice.values()) counts.set(cause, (counts.get(cause) ?? 0) + 1)
  // A cause that shows nothing itself would have no incident if all that suffers from it went to others.
  for (const root of roots) {
    if (counts.has(root)) continue
    for (const key of reach(root)) {
      const other = choice.get(key)
      const left = other === undefined ? 0 : (counts.get(other) ?? 0)
      if (other === undefined || other === key || left < 2) continue
      choice.set(key, root)
      counts.set(other, left - 1)
      counts.set(root, 1)
      break
    }
  }
  return choice
}

const pair = (id: string, root: string | undefined): [string, string][] =>
  root === undefined ? [] : [[id, root]]

function push(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}
