/** What became of the clients of a simulated federation. */
export interface Tally {
  /** Share of the honest clients' updates that were refused or held back. */
  readonly honestRejected: number
  /** Share of the attackers all of whose updates are refused or held back from some round on. */
  readonly attackersCaught: number
  /** Mean number of rounds until then, the first that is not aggregated included; undefined when none is caught. */
  readonly caughtAfter: number | undefined
}

/** @param out of each client and round: its update was refused at the door or held back; @param attackers the first so many */
export function tally(out: readonly (readonly boolean[])[], attackers: number): Tally {
  const honest = out.slice(attackers).flat()
  // The round in which the last update came through, and one more.
  const rounds = out.slice(0, attackers).map((each) => each.lastIndexOf(false) + 2)
  const caught = rounds.filter((round, client) => round <= out[client]!.length)
  return {
    honestRejected: honest.filter(Boolean).length / Math.max(1, honest.length),
    attackersCaught: attackers === 0 ? 0 : caught.length / attackers,
    caughtAfter:
      caught.length === 0 ? undefined : caught.reduce((sum, round) => sum + round, 0) / caught.length,
  }
}
