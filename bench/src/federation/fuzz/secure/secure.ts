import { RoundPage } from '@adf/contract/federation'
import { seeded } from '@adf/detectors'
import type { Site } from '../../server/site.ts'
import { besiege, pause, RUN, read, type Withstood } from '../besieged.ts'
import { HonestSite, type Outcomes } from './honest-site.ts'
import { type Loot, SecureIntruder } from './intruder.ts'

/** The threshold is theirs alone: intruders that fall silent end no round. */
const HONEST = 4
/** With a part in rounds, and without. */
const INTRUDERS = 2
const OUTSIDERS = 1

const FEDERATED = {
  coordinator: { num_rounds: 1e6, min_clients_per_round: 4, gather: '100ms', round_deadline: '5s' },
  secure_aggregation: true,
  aggregation: { rule: 'fed_avg', pre_steps: [] },
  poisoning_detection: { enabled: false },
  masking: { threshold: 0.51, phase_deadline: '5s' },
}

export interface SecureResult extends Withstood {
  /** Rounds without a result, by why: the code of what does not hold, the phase in which too few were there, or `norm`. */
  readonly abandoned: Readonly<Record<string, number>>
  /** What rounds became for the honest ones. */
  readonly honest: Outcomes
  /** Lies that intruders told in rounds, by name. */
  readonly told: Readonly<Record<string, number>>
}

/** Mutated messages of secure aggregation at a real server, while honest sites train by it, together with who sends them. */
export async function fuzzSecure(
  count: number,
  seed: number,
  progress: (text: string) => void,
): Promise<SecureResult> {
  const honest: Outcomes = {}
  const enrolled = new Map<string, string>()
  const loot: Loot = { messages: [], told: {}, enrolled }
  const { more: abandoned, ...withstood } = await besiege(FEDERATED, count, progress, async (server) => {
    const sites = Array.from(
      { length: HONEST },
      (_, i) => new HonestSite(server.url, seeded(seed + i), honest),
    )
    for (const [i, site] of sites.entries()) enrolled.set(...(await site.enrol(server.url, `site-${i}`)))
    const intruders: SecureIntruder[] = []
    for (let i = 0; i < INTRUDERS + OUTSIDERS; i++) {
      const site = await server.enrol(`intruder-${i}`)
      enrolled.set(site.id, site.key.publicKey)
      intruders.push(new SecureIntruder(server, site, seeded(seed + 100 + i), loot))
    }
    const training = sites.map(async (site) => {
      // After what an intruder ended for it the site takes the next round.
      while (server.goesOn()) await site.takeTurn(RUN, enrolled).catch(pause)
    })
    const playing = intruders.map(async (intruder, i) => {
      while (server.goesOn()) await (i < INTRUDERS ? intruder.takeTurn() : intruder.bother()).catch(pause)
    })
    await Promise.all([...training, ...playing])
    for (const site of sites) await site.close()
    return abandonedOf
  })
  return { ...withstood, abandoned, honest, told: loot.told }
}

async function abandonedOf(reader: Site): Promise<Record<string, number>> {
  const found: Record<string, number> = {}
  let cursor: string | null = ''
  while (cursor !== null) {
    const more: string = cursor === '' ? '' : `&cursor=${cursor}`
    const page = RoundPage.parse(await read(reader, `/api/runs/${RUN}/rounds?limit=500${more}`))
    for (const { state, reason } of page.items) {
      if (state !== 'ABANDONED') continue
      const why = /^[a-z_]+(?=:)/.exec(reason ?? '')?.[0] ?? (reason?.includes('norm') ? 'norm' : 'other')
      found[why] = (found[why] ?? 0) + 1
    }
    cursor = page.next_cursor
  }
  return found
}
