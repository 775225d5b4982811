import { createPrivateKey } from 'node:crypto'
import type { Enrolment } from '@adf/contract/federation'
import { type ClientKey, clientKeyOf, NEW_KEY, newClientKey, rotationProof } from '../signature/keys.ts'
import type { ClientState, Identity } from '../state/client-state.ts'
import { FederationError } from './federation-error.ts'
import type { Protocol } from './protocol.ts'
import type { Credentials } from './transport.ts'

/** How a site becomes a client. */
export interface Invited {
  /** What people call the site. */
  readonly name: string
  /** One-time token of an operator of the server. */
  readonly token: string
}

/**
 * Who the client is, and its keys. A key is kept before the server is told of it, so that nothing is lost when the answer is: the same
 * request again gets the same answer.
 */
export class Identities {
  readonly #state: ClientState
  readonly #protocol: Protocol
  #known: Identity | undefined

  constructor(state: ClientState, protocol: Protocol) {
    this.#state = state
    this.#protocol = protocol
  }

  /** Undefined until it is enrolled. */
  async enrolled(): Promise<{ readonly clientId: string; readonly sampleCap: number } | undefined> {
    const { clientId, sampleCap } = (await this.#load()) ?? {}
    return clientId === undefined || sampleCap === undefined ? undefined : { clientId, sampleCap }
  }

  /** @returns the answer of the server, which has its time */
  async enrol({ name, token }: Invited): Promise<Enrolment> {
    const identity = (await this.#load()) ?? { name, privateKey: textOf(newClientKey()) }
    await this.#keep(identity)
    const key = keyOf(identity.privateKey)
    const request = { name: identity.name, token, public_key: key.publicKey }
    const enrolment = await this.#protocol.enrol(request, { keyId: NEW_KEY, privateKey: key.privateKey })
    await this.#keep({ ...identity, clientId: enrolment.client_id, sampleCap: enrolment.sample_cap })
    return enrolment
  }

  /** To sign with. Ends a change of keys that was cut short. @throws FederationError `not_enrolled` */
  async credentials(): Promise<Credentials> {
    const identity = await this.#enrolled()
    if (identity.nextPrivateKey !== undefined) return this.#rotated(identity, identity.nextPrivateKey)
    return credentialsOf(identity)
  }

  /** Of the key in force, which others know this client by. @throws FederationError `not_enrolled` */
  async publicKey(): Promise<string> {
    return keyOf((await this.#enrolled()).privateKey).publicKey
  }

  async rotate(): Promise<void> {
    const identity = await this.#enrolled()
    const next = identity.nextPrivateKey ?? textOf(newClientKey())
    await this.#keep({ ...identity, nextPrivateKey: next })
    await this.#rotated(identity, next)
  }

  async #rotated(identity: EnrolledIdentity, next: string): Promise<Credentials> {
    const { clientId } = identity
    const key = keyOf(next)
    const rotation = { public_key: key.publicKey, proof: rotationProof(clientId, key) }
    const told = (as: Credentials) => this.#protocol.rotateKey(clientId, rotation, as)
    const renewed = { keyId: clientId, privateKey: key.privateKey }
    try {
      await told(credentialsOf(identity))
    } catch (error) {
      // The answer to an earlier attempt was lost, and the new key holds already.
      if (!(error instanceof FederationError) || error.code !== 'bad_signature') throw error
      await told(renewed)
    }
    await this.#keep({ ...identity, privateKey: next, nextPrivateKey: undefined })
    return renewed
  }

  async #enrolled(): Promise<EnrolledIdentity> {
    const identity = await this.#load()
    const clientId = identity?.clientId
    if (identity === undefined || clientId === undefined)
      throw new FederationError({ code: 'not_enrolled', detail: 'enrol with a one-time token first' })
    return { ...identity, clientId }
  }

  async #load(): Promise<Identity | undefined> {
    this.#known ??= await this.#state.loadIdentity()
    return this.#known
  }

  async #keep(identity: Identity): Promise<void> {
    await this.#state.saveIdentity(identity)
    this.#known = identity
  }
}

type EnrolledIdentity = Identity & { readonly clientId: string }

const credentialsOf = ({ clientId, privateKey }: EnrolledIdentity): Credentials => ({
  keyId: clientId,
  privateKey: createPrivateKey(privateKey),
})

const keyOf = (privateKey: string): ClientKey => clientKeyOf(createPrivateKey(privateKey))

const textOf = ({ privateKey }: ClientKey): string =>
  privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
