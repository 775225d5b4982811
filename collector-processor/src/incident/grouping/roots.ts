import type { Suspect, Trouble } from './trouble.ts'

/** A service with trouble of its own that is this likely, beside one that would explain it, is held for the cause itself. */
const ITSELF = 0.8
/** A suspect with this part of the first one's probability may be a second cause, though its sufferers have one already. */
const SECOND = 0.5

/**
 * Causes, none of which explains another: so many faults there are, as far as can be told. Likeliest first. Each
 * sufferer needs one; a cause that only suffers from another is none.
 */
export function rootsOf(trouble: Trouble): string[] {
  const likely = (key: string) => trouble.suspects.get(key)?.probability ?? 0
  const found = new Set(candidates(trouble))
  const explainedBy = (key: string) =>
    [...trouble.explanation.of(key)].filter((one) => one !== key && found.has(one))
  // Who is called last explains most: so each is looked at after those that it explains.
  const order = [...found]
    .map((key) => ({ key, explained: explainedBy(key) }))
    .sort((a, b) => a.explained.length - b.explained.length || likely(b.key) - likely(a.key))
  const kept = new Set<string>()
  for (const { key, explained } of order) {
    const roots = explained.filter((one) => kept.has(one))
    const second = roots.map(likely).sort((a, b) => b - a)[1]
    // What two call that are likelier themselves is not why they are in trouble: it would make one of two faults.
    if (second !== undefined && likely(key) < second) continue
    for (const root of roots) kept.delete(root)
    kept.add(key)
  }
  const place = new Map([...trouble.suspects.keys()].map((key, index) => [key, index]))
  const rank = (key: string) => place.get(key) ?? Number.POSITIVE_INFINITY
  const since = (key: string) => trouble.members.get(key)?.sinceMs ?? Number.POSITIVE_INFINITY
  return [...kept].sort((a, b) => rank(a) - rank(b) || since(a) - since(b) || (a < b ? -1 : 1))
}

/** Enough causes to explain every member, and those that stand for themselves. */
function candidates({ members, suspects, held, explanation }: Trouble): string[] {
  const follows = (key: string) =>
    members.get(key)?.onlyFollows === true && suspects.get(key)?.direct !== true && !held.has(key)
  const own = (key: string): Suspect | undefined => (follows(key) ? undefined : suspects.get(key))
  const unexplained = new Set([...members.keys()].filter((key) => !follows(key)).sort())
  const chosen: string[] = []
  const apart = (key: string) =>
    chosen.every((other) => !explanation.of(key).has(other) && !explanation.of(other).has(key))
  const choose = (key: string) => {
    chosen.push(key)
    for (const one of explanation.of(key)) unexplained.delete(one)
  }
  let first = 0
  for (const [key, { probability, sure, direct }] of suspects) {
    if (own(key) === undefined) continue
    const needed = [...explanation.of(key)].filter((one) => unexplained.has(one))
    const themselves = (one: string) => one !== key && (own(one)?.probability ?? 0) >= ITSELF * probability
    const second = sure && direct && probability >= SECOND * first && apart(key)
    if (chosen.length === 0 ? needed.length > 0 : second || needed.some((one) => !themselves(one))) {
      if (chosen.length === 0) first = probability
      choose(key)
    }
  }
  for (const key of held) if (!chosen.includes(key) && apart(key)) choose(key)
  for (const key of unexplained) chosen.push(key)
  return chosen
}
