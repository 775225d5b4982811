import { isInnerList, type Parameters, parseDictionary, serializeInnerList } from 'structured-headers'
import { COMPONENTS, isKeyId, isNonce, LABEL, TAG } from './signature-base.ts'
import { SignatureError } from './signature-error.ts'

/** What `signature-input` says. */
export interface SignatureInput {
  readonly keyId: string
  readonly nonce: string
  /** Seconds since 1970. */
  readonly created: number
  /** The inner list with its parameters, as it was signed. */
  readonly parameters: string
}

/** @throws SignatureError `malformed_signature`, `not_covered` */
export function readSignatureInput(header: string): SignatureInput {
  const member = soleMember(header, 'signature-input')
  if (!isInnerList(member)) throw malformed('signature-input is not a list of components')
  const [components, parameters] = member
  const names = components.map(([name, own]) => (own.size === 0 ? name : undefined))
  if (names.length !== COMPONENTS.length || COMPONENTS.some((name, i) => names[i] !== name))
    throw new SignatureError(
      'not_covered',
      `the signature must cover ${COMPONENTS.join(', ')} and nothing else, in this order`,
    )
  return { ...readParameters(parameters), parameters: serializeInnerList(member) }
}

/** @throws SignatureError `malformed_signature` */
export function readSignature(header: string): Uint8Array {
  const [value, parameters] = soleMember(header, 'signature')
  if (!(value instanceof ArrayBuffer) || value.byteLength !== 64 || parameters.size > 0)
    throw malformed('signature must be 64 bytes')
  // Bytes have one spelling, or the same signature could be sent under many.
  if (!header.includes(Buffer.from(value).toString('base64')))
    throw malformed('signature is not in canonical base64')
  return new Uint8Array(value)
}

const PARAMETERS = ['created', 'nonce', 'keyid', 'tag']

function readParameters(parameters: Parameters): Pick<SignatureInput, 'keyId' | 'nonce' | 'created'> {
  const [created, nonce, keyId, tag] = PARAMETERS.map((name) => parameters.get(name))
  if (parameters.size !== PARAMETERS.length || tag !== TAG)
    throw malformed(`signature-input must have created, nonce, keyid, the tag "${TAG}" and nothing else`)
  if (typeof created !== 'number' || !Number.isSafeInteger(created) || created < 0)
    throw malformed('created must be whole seconds since 1970')
  if (typeof nonce !== 'string' || !isNonce(nonce)) throw malformed('the nonce must be 16 bytes in base64url')
  if (typeof keyId !== 'string' || !isKeyId(keyId))
    throw malformed('keyid must be 1 to 64 letters, digits or .-_:')
  return { created, nonce, keyId }
}

function soleMember(header: string, name: string) {
  let members: ReturnType<typeof parseDictionary>
  try {
    members = parseDictionary(header)
  } catch {
    throw malformed(`${name} is not a dictionary of structured fields`)
  }
  const member = members.get(LABEL)
  if (member === undefined || members.size !== 1)
    throw malformed(`${name} must have one signature, labelled ${LABEL}`)
  return member
}

const malformed = (detail: string) => new SignatureError('malformed_signature', detail)
