import { createHash } from 'node:crypto'
import { federationRoutes, type SecureRoundState } from '@adf/contract/federation'
import {
  checkAdvertisement,
  checkAnswer,
  checkConfirmations,
  checkRoundKey,
  checkSealedShares,
  decodeAdvertisement,
  decodeAnswer,
  decodeConfirmation,
  decodeShares,
  SecureAggregationError,
  secureRoundOf,
} from '@adf/federation/secure-aggregation'
import { type ErrorCode, ProblemError } from '@adf/service'
import { isOver } from '../../round/round.ts'
import { type SecureStep, stepPhases } from '../../round/secure/phases.ts'
import type { PutResult, SecureRoundRow } from '../../store/secure-store.ts'
import { heldBack } from '../held-back.ts'
import type { ApiPorts, ServedRun } from '../ports.ts'
import { SecureRounds } from '../secure-rounds.ts'
import type { SignedEndpoints } from '../signed.ts'
import type { WaitingPlaces } from '../waiting-places.ts'
import { runOf } from './work.ts'

const codes: Readonly<Record<Exclude<PutResult['kind'], 'stored' | 'again'>, ErrorCode>> = {
  conflict: 'step_conflict',
  not_selected: 'not_selected',
  wrong_step: 'wrong_step',
  over: 'too_late',
  revoked: 'revoked',
}

/** A message at the door. */
interface Arriving {
  readonly run: ServedRun
  readonly round: number
  readonly caller: string
  readonly step: SecureStep
  readonly body: Uint8Array
}

/** What a message must be, beyond its schema. @returns the key of enrolment that it depends on @throws SecureAggregationError */
type Check = (row: SecureRoundRow) => Promise<string | undefined> | string | undefined

/** The steps of secure aggregation: each message is looked at as far as the server can see, and stored before it is answered. */
export function secureEndpoints(endpoints: SignedEndpoints, ports: ApiPorts, places: WaitingPlaces): void {
  const { store } = ports
  const rounds = new SecureRounds(store.secure)
  const door = new Door(ports)
  const json = (message: unknown) => Buffer.from(JSON.stringify(message))
  endpoints
    .on(federationRoutes.getSecureRound, ({ params, query, caller, signal }) =>
      whereItIs({ ports, rounds, places }, { ...params, ...query, caller, signal }),
    )
    .on(federationRoutes.sendSecureKeys, ({ params, body, caller }) =>
      door.take({ ...arriving(ports, params), caller, step: 'keys', body: json(body) }, async (row) => {
        signedBy(caller, body.client_id)
        const { publicKey } = (await store.clients.keyOf(caller)) ?? {}
        const advertisement = decodeAdvertisement(body)
        checkAdvertisement(
          secureRoundOf(params.run, params.round, row.parameters),
          advertisement,
          new Map([[caller, publicKey ?? '']]),
        )
        checkRoundKey(advertisement.shareKey)
        checkRoundKey(advertisement.maskKey)
        return publicKey
      }),
    )
    .on(federationRoutes.sendSecureShares, ({ params, body, caller }) =>
      door.take({ ...arriving(ports, params), caller, step: 'shares', body: json(body) }, async (row) => {
        const { roster } = await rounds.roster(params.run, row)
        checkSealedShares(roster, caller, decodeShares(caller, body))
        return undefined
      }),
    )
    .on(
      federationRoutes.sendMaskedInput,
      ({ params, body, caller }) =>
        door.take({ ...arriving(ports, params), caller, step: 'input', body }, ({ parameters }) => {
          const wanted = 4 * (parameters.length + 1)
          if (body.length !== wanted)
            throw new SecureAggregationError('wrong_input', `${body.length} bytes, not ${wanted}`, caller)
          return undefined
        }),
      { limitOf: ({ run }) => 4 * ((ports.runs.get(String(run))?.count ?? 0) + 1) },
    )
    .on(federationRoutes.confirmSurvivors, ({ params, body, caller }) =>
      door.take(
        { ...arriving(ports, params), caller, step: 'confirmation', body: json(body) },
        async (row) => {
          signedBy(caller, body.client_id)
          const { roster, enrolled } = await rounds.roster(params.run, row)
          const request = await rounds.lists(params.run, row)
          checkConfirmations([decodeConfirmation(body)], 1, {
            rosterDigest: roster.digest,
            request,
            enrolled,
          })
          return undefined
        },
      ),
    )
    .on(federationRoutes.sendSecureAnswer, ({ params, body, caller }) =>
      door.take({ ...arriving(ports, params), caller, step: 'answer', body: json(body) }, async (row) => {
        checkAnswer(decodeAnswer(caller, body), await rounds.lists(params.run, row))
        return undefined
      }),
    )
}

const arriving = (ports: ApiPorts, { run, round }: { run: string; round: number }) => ({
  run: runOf(ports, run),
  round,
})

/** Nobody speaks for another. */
function signedBy(caller: string, clientId: string): void {
  if (clientId !== caller)
    throw new SecureAggregationError(
      'bad_signature',
      `the request is signed by ${caller}, not ${clientId}`,
      caller,
    )
}

class Door {
  readonly #ports: ApiPorts

  constructor(ports: ApiPorts) {
    this.#ports = ports
  }

  /** Stores a message once. @throws ProblemError */
  async take({ run, round, caller, step, body }: Arriving, check: Check): Promise<undefined> {
    const { store, metrics, coordinator, clock, steps } = this.#ports
    const key = { run: run.name, round, step, clientId: caller }
    const hash = createHash('sha256').update(body).digest('hex')
    const row = await store.secure.get(run.name, round)
    if (row === undefined)
      throw new ProblemError('not_found', `run ${run.name} has no round ${round} by secure aggregation`)
    if ((await store.secure.known(key)) === hash) return undefined
    const where = `round ${round} of ${run.name}`
    if (isOver(row.round.state)) return this.#refuse(run, caller, 'too_late', `${where} is over`)
    // What a check needs is fixed when the phase begins.
    if (row.round.state !== 'COLLECTING' || row.phase !== stepPhases[step].phase)
      return this.#refuse(run, caller, 'wrong_step', `${where} is ${row.phase}: it takes no ${step}`)
    let publicKey: string | undefined
    try {
      publicKey = await check(row)
    } catch (error) {
      if (!(error instanceof SecureAggregationError)) throw error
      return this.#refuse(run, caller, 'invalid_step', error.message, error)
    }
    steps.before(`${step}_receipt`)
    const result = await store.secure.put({ ...key, hash, body, publicKey }, clock())
    steps.after(`${step}_receipt`)
    if ('detail' in result) return this.#refuse(run, caller, codes[result.kind], result.detail)
    if (result.kind === 'stored') {
      metrics.masked.inc({ run: run.name, step })
      metrics.bytes.inc({ run: run.name, direction: 'up' }, body.length)
      coordinator.nudge(run.name)
    }
    return undefined
  }

  async #refuse(
    { name }: ServedRun,
    caller: string,
    code: ErrorCode,
    detail: string,
    cause?: SecureAggregationError,
  ): Promise<never> {
    this.#ports.metrics.refused.inc({ reason: code })
    await this.#ports.store.presence.refused(name, caller, cause?.code ?? code)
    throw new ProblemError(code, detail, cause && { extra: { reason: cause.code }, cause })
  }
}

interface Watching {
  readonly ports: ApiPorts
  readonly rounds: SecureRounds
  readonly places: WaitingPlaces
}

interface Question {
  readonly run: string
  readonly round: number
  readonly wait_seconds: number
  readonly after?: string | undefined
  readonly caller: string
  readonly signal: AbortSignal
}

/** The round as the client is to see it; held back while the phase is the one that it has done its part of. */
async function whereItIs(
  { ports, rounds, places }: Watching,
  { run: name, round, wait_seconds, after, caller, signal }: Question,
): Promise<SecureRoundState> {
  const { store, coordinator, clock } = ports
  const { announcements } = coordinator
  const { name: run } = runOf(ports, name)
  if (!(await store.rounds.asked(run, round, caller)).asked)
    throw new ProblemError('not_selected', `this client was not asked in round ${round} of ${run}`)
  const waiting = { runs: [run], client: caller, waitMs: 1000 * wait_seconds, signal }
  return heldBack({ announcements, places, clock }, waiting, async ({ last }) => {
    const row = await store.secure.get(run, round)
    if (row === undefined)
      throw new ProblemError('not_found', `run ${run} has no round ${round} by secure aggregation`)
    // Between the phases and the end the answers are put together.
    const same = after === row.phase && !isOver(row.round.state)
    return same && !last ? undefined : rounds.state(run, row, caller)
  })
}
