import { seeded } from '@adf/detectors'
import { Learner } from '../../server/learner.ts'
import { besiege, NETWORK, pause, RUN, SEED, type Withstood } from '../besieged.ts'
import { Intruder, type Target } from './intruder.ts'

const HONEST = 4
const INTRUDERS = 2
/** Requests under way at once. */
const AT_ONCE = 8

/** As many updates as there are honest ones end a round. */
const FEDERATED = {
  coordinator: {
    num_rounds: 1e6,
    min_clients_per_round: 3,
    gather: '100ms',
    round_deadline: '5s',
    quorum: 0.6,
  },
}

/** Mutated requests at the door of a real server, while honest sites train on it. */
export function fuzzRequests(
  count: number,
  seed: number,
  progress: (text: string) => void,
): Promise<Withstood> {
  return besiege(FEDERATED, count, progress, async (server) => {
    const learners = await Promise.all(
      Array.from({ length: HONEST }, async (_, i) => {
        return new Learner(await server.enrol(`site-${i}`), i + 1, { network: NETWORK, seed: SEED })
      }),
    )
    const intruders = await Promise.all(
      Array.from({ length: INTRUDERS }, async (_, i) => {
        const site = await server.enrol(`intruder-${i}`)
        return { site, intruder: new Intruder(site, seeded(seed + i)) }
      }),
    )
    const training = learners.map(async (learner) => {
      // A round that goes on without one answers its update with 4xx: it takes the next.
      while (server.goesOn()) await learner.takeTurn(RUN, 1).catch(pause)
    })
    const first = intruders[0]!
    let target: Target = { run: RUN, network: NETWORK, round: 1, version: 0 }
    const watching = (async () => {
      while (server.goesOn()) {
        const work = await first.site.work(RUN, undefined, 0).catch(() => undefined)
        if (work !== undefined)
          target = { ...target, version: work.version, round: work.round?.round ?? work.version + 1 }
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    })()
    const rng = seeded(seed)
    const names = Object.keys(first.intruder.deeds)
    let number = 0
    const work = async () => {
      while (server.next()) {
        const { intruder } = intruders[number++ % INTRUDERS]!
        const name = names[Math.floor(rng() * names.length)]!
        server.answered(await intruder.deeds[name]!(target).catch(() => undefined))
      }
    }
    await Promise.all([...Array.from({ length: AT_ONCE }, work), ...training, watching])
    return async () => undefined
  })
}
