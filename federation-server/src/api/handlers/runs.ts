import { federationRoutes, type Run } from '@adf/contract/federation'
import { epsilonOf } from '@adf/federation/privacy'
import { type Endpoints, ProblemError } from '@adf/service'
import { isOver } from '../../round/round.ts'
import type { ApiPorts, ServedRun } from '../ports.ts'
import { runOf } from './work.ts'

export function runEndpoints(
  endpoints: Endpoints,
  ports: ApiPorts,
  about: { version: string; startedMs: number; ready: () => boolean },
): void {
  const { store, coordinator, clock } = ports
  const time = (ms: number) => new Date(ms).toISOString()
  endpoints
    .on(federationRoutes.getFederationStatus, async () => {
      const nowMs = clock()
      const runs = [...ports.runs.values()]
      const deadlineMs = Math.max(0, ...runs.map(({ settings }) => settings.deadlineMs))
      return {
        version: about.version,
        started_at: time(about.startedMs),
        at: time(nowMs),
        ready: about.ready(),
        runs: await Promise.all(runs.map((run) => runMessage(ports, run))),
        clients: await store.clients.counts(nowMs - deadlineMs),
        quarantined: await store.updates.quarantined(),
      }
    })
    .on(federationRoutes.getRun, ({ params }) => runMessage(ports, runOf(ports, params.run)))
    .on(federationRoutes.setRunState, async ({ params, body, caller }) => {
      const run = runOf(ports, params.run)
      const before = await runMessage(ports, run)
      if (before.state === 'finished')
        throw new ProblemError(
          'conflict',
          `run ${run.name} is finished: its ${before.rounds.planned} rounds are committed`,
        )
      await store.runs.setState(run.name, body.state, operator(caller), clock())
      coordinator.nudge(run.name)
      return runMessage(ports, run)
    })
    .on(federationRoutes.listRounds, ({ params, query }) =>
      store.rounds.page(runOf(ports, params.run).name, query),
    )
    .on(federationRoutes.getRound, async ({ params }) => {
      const { name } = runOf(ports, params.run)
      const round = await store.rounds.get(name, params.round)
      if (round === undefined) throw new ProblemError('not_found', `run ${name} has no round ${params.round}`)
      return round
    })
}

/** Who does it, for the audit log. */
export const operator = (caller: string): string => `operator:${caller}`

async function runMessage({ store }: ApiPorts, { name, settings, aggregator }: ServedRun): Promise<Run> {
  const stored = await store.runs.get(name)
  if (stored === undefined) throw new ProblemError('not_found', `run ${name} is not in the database`)
  const latest = (await store.rounds.latest(name))?.round
  const { version, hash, committed, abandoned } = stored
  return {
    run: name,
    model: settings.model,
    state: committed >= settings.rounds ? 'finished' : stored.state,
    version,
    hash,
    rounds: {
      planned: settings.rounds,
      committed,
      abandoned,
      open: latest !== undefined && !isOver(latest.state) ? latest.number : null,
    },
    aggregator,
    min_clients_per_round: settings.minClients,
    secure_aggregation: settings.secureAggregation,
    privacy: await privacyOf({ store }, name, settings),
    bytes: await store.runs.bytes(name),
  }
}

/** What differential privacy has cost the client that sent most updates; null when no noise is asked for. */
export async function privacyOf(
  { store }: Pick<ApiPorts, 'store'>,
  run: string,
  { privacy }: ServedRun['settings'],
): Promise<Run['privacy']> {
  if (privacy === undefined) return null
  const { noise_multiplier: noiseMultiplier, delta } = privacy
  // The server sees each update by itself: that it asks only some of the clients adds no privacy.
  const step = { samplingRate: 1, noiseMultiplier }
  return { epsilon: epsilonOf(step, await store.runs.mostUpdates(run), delta), delta }
}
