import { createHash } from 'node:crypto'
import { federationRoutes } from '@adf/contract/federation'
import { weightsOf } from '@adf/federation/weights'
import { type ErrorCode, ProblemError } from '@adf/service'
import type { Reading } from '../../round/reading.ts'
import type { SubmitResult } from '../../store/store.ts'
import { norm } from '../../vector/vector.ts'
import type { ApiPorts, ServedRun } from '../ports.ts'
import type { SignedEndpoints } from '../signed.ts'
import { runOf } from './work.ts'

const codes: Readonly<Record<Exclude<SubmitResult['kind'], 'stored' | 'again'>, ErrorCode>> = {
  conflict: 'update_conflict',
  no_round: 'not_found',
  not_selected: 'not_selected',
  unknown_base: 'unknown_base',
  too_late: 'too_late',
  revoked: 'revoked',
}

/** The door: what is not a sound update of the model gets no further, and its client is told alone. */
export function submissionEndpoints(
  endpoints: SignedEndpoints,
  ports: ApiPorts,
  { maxUpdateSize }: { maxUpdateSize: number },
): void {
  const { store, metrics, coordinator, clock, newId, steps } = ports
  const door = new Door(ports)
  endpoints.on(
    federationRoutes.submitUpdate,
    async ({ params, query, body, caller }) => {
      const run = runOf(ports, params.run)
      const refused = async (reason: string) => {
        metrics.rejected.inc({ reason })
        await store.presence.refused(run.name, caller, reason)
      }
      if (await takesMaskedOnly(ports, run, params.round)) {
        await refused('secure_round')
        throw new ProblemError(
          'secure_round',
          `round ${params.round} of ${run.name} takes masked updates only`,
        )
      }
      const reading = await admitted(ports, door, run, body).catch(async (error: unknown) => {
        if (error instanceof ProblemError) await refused(String(error.extra['reason']))
        throw error
      })
      const hash = createHash('sha256').update(body).digest('hex')
      const { base, samples, loss } = query
      const { stalenessLimit, rounds, asynchronous: anyone } = run.settings
      const update = { id: newId(), run: run.name, round: params.round, clientId: caller, norm: reading.norm }
      steps.before('receipt')
      const result = await store.updates.submit(
        { ...update, base, samples, loss, hash, body },
        { stalenessLimit, rounds, anyone },
        clock(),
      )
      steps.after('receipt')
      if ('detail' in result) {
        await refused(result.kind)
        throw new ProblemError(codes[result.kind], result.detail)
      }
      if (result.kind === 'stored') {
        metrics.received.inc({ run: run.name })
        metrics.bytes.inc({ run: run.name, direction: 'up' }, body.length)
        coordinator.stored(run.name, update.id, reading)
      }
      return result.receipt
    },
    { limitOf: ({ run }) => Math.min(maxUpdateSize, largestOf(ports.runs.get(String(run)))) },
  )
}

/** What nobody may see is not taken, nor what came too late for the last round without masks. */
async function takesMaskedOnly(
  { store, coordinator }: ApiPorts,
  { name, settings }: ServedRun,
  round: number,
): Promise<boolean> {
  if ((await store.secure.get(name, round)) !== undefined) return true
  return settings.secureAggregation && coordinator.view(name)?.round?.number !== round
}

/** A dense frame is the longest there is: four bytes a weight; a quantised one takes less, whatever it codes. */
const largestOf = (run: ServedRun | undefined): number => 1024 + 4 * (run?.count ?? 0)

/** What is kept of an update. @throws ProblemError `invalid_update` */
async function admitted(
  { reader }: Pick<ApiPorts, 'reader'>,
  door: Door,
  run: ServedRun,
  body: Uint8Array,
): Promise<Reading> {
  const invalid = (reason: string, detail: string) =>
    new ProblemError('invalid_update', detail, { extra: { reason } })
  const reading = await reader.read(run.name, body)
  if ('kind' in reading) throw invalid(reading.code, reading.detail)
  const { norm: length } = reading
  const largest = await door.largest(run)
  if (length > largest)
    throw invalid(
      'too_large',
      `its norm is ${length.toPrecision(3)}, at most ${largest.toPrecision(3)} is taken`,
    )
  return reading
}

/** The largest norm that an update of a run may have: it follows from the weights, and is worked out once for each version. */
class Door {
  readonly #ports: ApiPorts
  readonly #known = new Map<string, { readonly version: number; readonly largest: number }>()

  constructor(ports: ApiPorts) {
    this.#ports = ports
  }

  async largest({ name, settings, count }: ServedRun): Promise<number> {
    const { store, coordinator } = this.#ports
    const version = coordinator.view(name)?.version ?? 0
    const known = this.#known.get(name)
    if (known?.version === version) return known.largest
    const weights = (await store.runs.version(name, version))?.weights
    if (weights === undefined) throw new Error(`${name}: version ${version} has no weights`)
    const largest = settings.maxNormRatio * norm(weightsOf(weights, count))
    this.#known.set(name, { version, largest })
    return largest
  }
}
