import { Invitation } from '@adf/contract/federation'
import { normal, seeded } from '@adf/detectors'
import { FederationClient, MemoryState } from '@adf/federation'

/** A small run of five sites, that holds back what looks poisoned. */
export const FEDERATED = {
  coordinator: { num_rounds: 100, min_clients_per_round: 5, gather: 0, round_deadline: '5m' },
  runs: { 'service-lstm': { features: ['a', 'b', 'c'], hidden_size: 8, num_layers: 1, seed: 7 } },
}
const RUN = 'service-lstm'
const SITES = ['oslo', 'bergen', 'turku', 'malmo', 'aarhus']
/** Rounds after which the server knows what is usual. */
const HONEST_ROUNDS = 5

/**
 * Five sites enrol and train for some rounds with the client that a processor has; then, in a round each, the first and the second send an update that
 * points the wrong way. What they learn is made up; all else is as in operation.
 *
 * @returns ids of the two that did wrong
 */
export async function trainWithTwoBadUpdates(url: string): Promise<readonly string[]> {
  const sites = await Promise.all(SITES.map((name, index) => enrolled(url, name, index + 1)))
  try {
    for (let round = 1; round <= HONEST_ROUNDS; round++)
      await Promise.all(sites.map((site) => site.takePart(false)))
    for (const bad of [0, 1]) await Promise.all(sites.map((site, index) => site.takePart(index === bad)))
    return await Promise.all(sites.slice(0, 2).map(({ id }) => id()))
  } finally {
    await Promise.all(sites.map(({ close }) => close()))
  }
}

async function enrolled(url: string, name: string, number: number) {
  const state = new MemoryState()
  let client = new FederationClient({ url, state })
  await client.enrol({ name, token: await invite(url, name) })
  let last = 0
  /** What compression left out of a wrong update would come along in the next one. */
  const forget = async () => {
    await client.close()
    await state.forgetRun(RUN)
    client = new FederationClient({ url, state })
  }
  /** Waits for a round that asks for an update, and sends one. */
  const takePart = async (wrong: boolean): Promise<void> => {
    for (;;) {
      const { runs } = await client.poll({ streams: ['service'], waitSeconds: 10 })
      const work = runs.find(({ run }) => run === RUN)
      const round = work?.round ?? null
      if (work === undefined || round === null || round.round <= last) continue
      last = round.round
      const { version, weights } = await client.fetchGlobal(work)
      const values = learned(weights.length, 1000 * number + last, wrong)
      await client.submit(RUN, {
        round: last,
        base: version,
        values,
        samples: 100,
        loss: 1 / (1 + version),
        step: round.step,
      })
      if (wrong) await forget()
      return
    }
  }
  return { takePart, id: () => client.clientId().then(String), close: () => client.close() }
}

/** A direction that all sites share, and a part of each one's own. */
function learned(length: number, seed: number, wrong: boolean): Float32Array {
  const [shared, own] = [seeded(4711), seeded(seed)]
  const size = wrong ? -0.1 : 0.01
  return Float32Array.from({ length }, () => size * (normal(shared) + 0.5 * normal(own)))
}

async function invite(url: string, name: string): Promise<string> {
  const answer = await fetch(`${url}/api/invitations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  })
  return Invitation.parse(await answer.json()).token
}
