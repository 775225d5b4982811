import { federationRoutes, type RunWork, type WorkRequest } from '@adf/contract/federation'
import { ProblemError } from '@adf/service'
import type { RunView } from '../../coordinator/coordinator.ts'
import { heldBack } from '../held-back.ts'
import type { ApiPorts, ServedRun } from '../ports.ts'
import type { SignedEndpoints } from '../signed.ts'
import type { WaitingPlaces } from '../waiting-places.ts'

/** For who did not ask to wait, or found no place to. */
const POLL_SECONDS = 15

/** What a client holds is acknowledged, and it is told what to do; held back while that is nothing. */
export function workEndpoints(endpoints: SignedEndpoints, ports: ApiPorts, places: WaitingPlaces): void {
  const { clock } = ports
  const { announcements } = ports.coordinator
  endpoints
    .on(federationRoutes.pollWork, async ({ body, caller, signal }) => {
      const ofStreams = (streams: readonly string[]) =>
        [...ports.runs.values()].filter(({ settings }) => streams.includes(settings.model.stream))
      const runs = ofStreams([...body.streams, ...body.watching])
      // Who only watches is not there to be selected: a round would wait for it until its deadline.
      await acknowledge(ports, caller, body, ofStreams(body.streams))
      const waiting = {
        runs: runs.map(({ name }) => name),
        client: caller,
        waitMs: 1000 * body.wait_seconds,
        signal,
      }
      return heldBack({ announcements, places, clock }, waiting, async ({ last, waits }) => {
        const work = await Promise.all(runs.map((run) => workOf(ports, run, caller)))
        const found = work.filter((each) => each !== undefined)
        if (!last && !found.some((each) => isNews(each, body))) return undefined
        return {
          time: new Date(clock()).toISOString(),
          runs: found,
          poll_seconds: waits ? 0 : POLL_SECONDS,
        }
      })
    })
    .on(federationRoutes.getRunModel, ({ params }) => {
      const { name, settings } = runOf(ports, params.run)
      return { run: name, model: settings.model }
    })
}

/** @throws ProblemError `not_found` */
export function runOf({ runs }: Pick<ApiPorts, 'runs'>, name: string): ServedRun {
  const run = runs.get(name)
  if (run === undefined) throw new ProblemError('not_found', `no run ${name} is configured`)
  return run
}

async function acknowledge(
  { store, coordinator, clock }: ApiPorts,
  client: string,
  { holding }: WorkRequest,
  runs: readonly ServedRun[],
): Promise<void> {
  const [first] = runs
  if (first === undefined) return
  const held = await Promise.all(
    runs.map(async ({ name: run }) => {
      const said = holding.find((each) => each.run === run)
      const hash = said && (await store.runs.hash(run, said.version))
      return { run, version: hash === said?.hash ? said?.version : undefined }
    }),
  )
  await store.presence.came(client, held, clock(), first.settings.presenceMs)
  for (const { name } of runs) if (coordinator.view(name)?.round?.state === 'OPEN') coordinator.nudge(name)
}

async function workOf(
  { store, coordinator }: ApiPorts,
  { name, settings }: ServedRun,
  client: string,
): Promise<RunWork | undefined> {
  const view = coordinator.view(name)
  if (view === undefined) return undefined
  const { version, hash, round, order } = view
  const idle: RunWork = { run: name, version, hash, round: null }
  if (round?.state !== 'COLLECTING' || order === undefined || round.deadlineMs === undefined) return idle
  const { asked, delivered } = await store.rounds.asked(name, round.number, client)
  if (
    order.secure_aggregation &&
    !(await maySecurely(store, view, { run: name, round: round.number, client }))
  )
    return idle
  if (delivered || !(asked || settings.asynchronous)) return idle
  const deadline = new Date(round.deadlineMs).toISOString()
  return { ...idle, round: { round: round.number, base: round.base, deadline, ...order } }
}

/** Who sent its keys has begun, and whoever has not by the end of the first phase has no part. */
const maySecurely = async (
  store: ApiPorts['store'],
  { phase }: RunView,
  { run, round, client }: { run: string; round: number; client: string },
): Promise<boolean> =>
  phase === 'advertising' &&
  (await store.secure.known({ run, round, step: 'keys', clientId: client })) === undefined

/** Whether there is something to do: a round, or weights that the client does not hold. */
function isNews({ run, version, hash, round }: RunWork, { holding }: WorkRequest): boolean {
  const held = holding.find((each) => each.run === run)
  return round !== null || held?.version !== version || held.hash !== hash
}
