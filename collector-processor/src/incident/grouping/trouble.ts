import type { Ranking } from '@adf/contract'
import { type Member, serviceKey } from '../member.ts'
import { Explanation } from './explanation.ts'

/** What a ranking of everything says of one service. */
export interface Suspect {
  readonly probability: number
  /** Its strongest evidence is hardly an accident. */
  readonly sure: boolean
  /** Calls and spans speak against it, not only what it shows itself. */
  readonly direct: boolean
}

/** All that is wrong now: what is to be put into groups with a cause of their own. */
export interface Trouble {
  readonly members: ReadonlyMap<string, Member>
  /** Services by member key, likeliest first. */
  readonly suspects: ReadonlyMap<string, Suspect>
  /** Keys of the causes that open incidents have made out. */
  readonly held: ReadonlySet<string>
  readonly explanation: Explanation
}

/** Evidence of this probability is no accident. */
const SURE = 0.9
const INDIRECT: ReadonlySet<string> = new Set(['metric', 'request_rate', 'log', 'change'])
/** A ranking that rather thinks that it is none of its causes is no reason to join anything. */
const MOSTLY_NONE = 0.5

/**
 * `known`: causes that incidents had before their trouble began to pass for normal, with their probabilities. `held`: causes
 * that incidents have made out. `callers` is asked twice: of what is odd, and of those in between that show nothing.
 */
export function troubleOf(
  members: ReadonlyMap<string, Member>,
  ranking: Ranking | undefined,
  { known, held }: { known: Iterable<readonly [string, number]>; held: ReadonlySet<string> },
  callers: (services: Iterable<string>) => ReadonlyMap<string, readonly string[]>,
): Trouble {
  const suspects = suspectsOf(ranking)
  for (const [key, probability] of known)
    if ((suspects.get(key)?.probability ?? 0) < probability)
      suspects.set(key, { probability, sure: true, direct: true })
  const odd = new Set([...members.values()].flatMap(({ service }) => service ?? []))
  for (const { service, path } of ranking?.causes ?? []) for (const one of [service, ...path]) odd.add(one)
  for (const key of [...suspects.keys(), ...held]) odd.add(key.slice(key.indexOf('\u0000') + 1))
  const ordered = [...suspects].sort(([a, x], [b, y]) => y.probability - x.probability || (a < b ? -1 : 1))
  return {
    members,
    suspects: new Map(ordered),
    held,
    explanation: new Explanation(sufferersOf(odd, members.values(), callers)),
  }
}

function suspectsOf(ranking: Ranking | undefined): Map<string, Suspect> {
  const suspects = new Map<string, Suspect>()
  if (ranking === undefined || ranking.none > MOSTLY_NONE) return suspects
  for (const { service, probability, evidence } of ranking.causes) {
    suspects.set(serviceKey(service), {
      probability,
      sure: evidence.some((one) => one.probability >= SURE),
      direct: evidence.some(({ kind }) => !INDIRECT.has(kind)),
    })
  }
  return suspects
}

/**
 * Who suffers at once when a service or host is in trouble: those that call it and are odd, by way of one that shows
 * nothing at most; a host that it runs on; and whatever runs on a host.
 */
function sufferersOf(
  odd: ReadonlySet<string>,
  members: Iterable<Member>,
  callers: (services: Iterable<string>) => ReadonlyMap<string, readonly string[]>,
): Map<string, Set<string>> {
  const sufferers = new Map<string, Set<string>>()
  const add = (cause: string, sufferer: string) => {
    if (cause === sufferer) return
    const known = sufferers.get(cause)
    if (known === undefined) sufferers.set(cause, new Set([sufferer]))
    else known.add(sufferer)
  }
  const near = callers(odd)
  const silent = new Set([...near.values()].flat().filter((service) => !odd.has(service)))
  const far = callers(silent)
  for (const [service, clients] of near)
    for (const client of clients) {
      const reached = odd.has(client) ? [client] : (far.get(client) ?? []).filter((one) => odd.has(one))
      for (const one of reached) add(serviceKey(service), serviceKey(one))
    }
  const all = [...members]
  const onHost = new Map<string, Member[]>()
  for (const member of all)
    for (const host of member.runsOn) onHost.set(host, [...(onHost.get(host) ?? []), member])
  for (const host of all) {
    for (const member of host.host === undefined ? [] : (onHost.get(host.host) ?? [])) {
      add(member.key, host.key)
      if (!host.onlyFollows) add(host.key, member.key)
    }
  }
  return sufferers
}
