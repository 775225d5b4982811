/** Method, request target and body of a request: all that a signature vouches for. */
export interface SignedParts {
  /** In capitals. */
  readonly method: string
  /** What stands on the request line, in origin form: path and query as they are sent, never normalised. */
  readonly target: string
  /** Empty where there is none. */
  readonly body: Uint8Array
}

export const LABEL = 'adf'
export const TAG = 'adf-federation'
/** What is covered, in this order. */
export const COMPONENTS = ['@method', '@path', '@query', 'content-digest'] as const

/** A component's name and value, such as `@method` and `POST`. */
export type Component = readonly [name: string, value: string]

/** The components of a request (RFC 9421, sections 2.2.1, 2.2.6 and 2.2.7). */
export function componentsOf({ method, target }: SignedParts, digest: string): Component[] {
  const at = target.indexOf('?')
  const [path, query] = at < 0 ? [target, '?'] : [target.slice(0, at), target.slice(at)]
  return [
    ['@method', method],
    ['@path', path],
    ['@query', query],
    ['content-digest', digest],
  ]
}

/**
 * The text that is signed (RFC 9421, section 2.5).
 *
 * @param parameters the inner list of the covered components with its parameters, as in `signature-input`
 */
export function signatureBase(components: readonly Component[], parameters: string): Buffer {
  const lines = components.map(([name, value]) => `"${name}": ${value}`)
  return Buffer.from([...lines, `"@signature-params": ${parameters}`].join('\n'), 'latin1')
}

/** A path with a query, of printable ASCII: what cannot add a line to the text that is signed. */
export const isTarget = (target: string): boolean => /^\/[!-"$-~]*$/.test(target)
export const isMethod = (method: string): boolean => /^[A-Z]+$/.test(method)
/** Key ids stand in quotes without escapes. */
export const isKeyId = (keyId: string): boolean => /^[A-Za-z0-9._:-]{1,64}$/.test(keyId)
/** 16 bytes in base64url. */
export const isNonce = (nonce: string): boolean => /^[A-Za-z0-9_-]{22}$/.test(nonce)
