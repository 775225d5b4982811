import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { newClientKey, provesRotation, readPublicKey, rotationProof } from './keys.ts'
import { type Signing, signRequest } from './sign.ts'
import { type SignedParts, signatureBase } from './signature-base.ts'
import type { SignatureErrorCode } from './signature-error.ts'
import { type ReceivedRequest, verifyRequest } from './verify.ts'

/** RFC 9421, B.1.4 and B.2.6. */
const example = {
  privateKey: createPrivateKey(
    '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n-----END PRIVATE KEY-----',
  ),
  publicKey: 'JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs',
  parameters:
    '("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"',
  signature: 'wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==',
}

const NOW = 1_618_884_473_000
const WINDOW = 300_000
const key = newClientKey()
const publicKey = readPublicKey(key.publicKey)
const nonce = Uint8Array.from({ length: 16 }, (_, i) => i)
const keyId = '0199f8a2-5d3c-7c41-9b8e-0a1b2c3d4e5f'
const signing: Signing = { keyId, privateKey: key.privateKey, nowMs: NOW, nonce }
const parts: SignedParts = {
  method: 'POST',
  target: '/federation/v1/runs/service-lstm/rounds/7/update?base=6&samples=4096',
  body: Buffer.from('an update'),
}

const headersOf = (from: SignedParts, how: Signing = signing): string[] =>
  Object.entries(signRequest(from, how)).flat()
const received = (change: Partial<ReceivedRequest> = {}): ReceivedRequest => ({
  ...parts,
  headers: headersOf(parts),
  ...change,
})
const verification = {
  nowMs: NOW,
  windowMs: WINDOW,
  keyOf: (id: string) => (id === keyId ? publicKey : undefined),
}
const outcome = (request: ReceivedRequest, nowMs = NOW): Promise<SignatureErrorCode | 'sound'> =>
  verifyRequest(request, { ...verification, nowMs }).then(
    () => 'sound' as const,
    (error) => error.code,
  )
const replaced = (name: string, change: (value: string) => string): ReceivedRequest => {
  const headers = headersOf(parts)
  const at = headers.indexOf(name) + 1
  return received({ headers: headers.with(at, change(headers[at]!)) })
}

/** Signed soundly, but with these parameters. */
function withParameters(parameters: string, lines: readonly (readonly [string, string])[]): ReceivedRequest {
  const signature = sign(null, signatureBase(lines, parameters), key.privateKey).toString('base64')
  const headers = headersOf(parts)
  return received({
    headers: [
      'content-digest',
      headers[headers.indexOf('content-digest') + 1]!,
      'signature-input',
      `adf=${parameters}`,
      'signature',
      `adf=:${signature}:`,
    ],
  })
}

it('signs the example of RFC 9421 as it is there', () => {
  const base = signatureBase(
    [
      ['date', 'Tue, 20 Apr 2021 02:07:55 GMT'],
      ['@method', 'POST'],
      ['@path', '/foo'],
      ['@authority', 'example.com'],
      ['content-type', 'application/json'],
      ['content-length', '18'],
    ],
    example.parameters,
  )
  expect(sign(null, base, example.privateKey).toString('base64')).toBe(example.signature)
  expect(createPublicKey(example.privateKey).export({ format: 'jwk' })).toMatchObject({
    x: example.publicKey,
  })
})

it('writes the very headers that the format describes, in few bytes', () => {
  const headers = signRequest(parts, { ...signing, privateKey: example.privateKey })
  expect(headers).toEqual({
    'content-digest': 'sha-256=:EN+kF+BhqEfQ2CdkRke1AXayT12ga0R0rTiV6PFrWZ0=:',
    'signature-input': `adf=("@method" "@path" "@query" "content-digest");created=1618884473;nonce="AAECAwQFBgcICQoLDA0ODw";keyid="${keyId}";tag="adf-federation"`,
    signature: expect.stringMatching(/^adf=:[A-Za-z0-9+/]{86}==:$/),
  })
  const bytes = Object.entries(headers).reduce(
    (sum, [name, value]) => sum + `${name}: ${value}\r\n`.length,
    0,
  )
  expect(bytes).toBeLessThanOrEqual(365)
  expect(bytes - keyId.length + 20).toBeLessThanOrEqual(350)
})

it('says who signed, and when', async () => {
  expect(await verifyRequest(received(), verification)).toEqual({
    keyId,
    nonce: 'AAECAwQFBgcICQoLDA0ODw',
    createdMs: NOW,
  })
})

/** Next in the alphabet: another spare bit, the same bytes. */
const after = (letter: string): string => String.fromCharCode(letter.charCodeAt(0) + 1)

it('refuses a request of which any part was changed', async () => {
  const changed: Record<string, [ReceivedRequest, SignatureErrorCode]> = {
    method: [received({ method: 'PUT' }), 'bad_signature'],
    path: [received({ target: parts.target.replace('/7/', '/8/') }), 'bad_signature'],
    'path, written otherwise': [
      received({ target: parts.target.replace('/7/', '/x/../7/') }),
      'bad_signature',
    ],
    query: [received({ target: parts.target.replace('4096', '4097') }), 'bad_signature'],
    'no query': [received({ target: parts.target.split('?')[0]! }), 'bad_signature'],
    body: [received({ body: Buffer.from('an Update') }), 'digest_mismatch'],
    'body and digest': [
      received({
        body: Buffer.from('another'),
        headers: [
          ...headersOf({ ...parts, body: Buffer.from('another') }).slice(0, 2),
          ...headersOf(parts).slice(2),
        ],
      }),
      'bad_signature',
    ],
    created: [replaced('signature-input', (value) => value.replace('4473', '4474')), 'bad_signature'],
    nonce: [replaced('signature-input', (value) => value.replace('AAEC', 'AAED')), 'bad_signature'],
    'key id': [replaced('signature-input', (value) => value.replace('0199', '0198')), 'unknown_key'],
    tag: [
      replaced('signature-input', (value) => value.replace('adf-federation', 'other')),
      'malformed_signature',
    ],
    signature: [
      replaced('signature', (value) => value.replace(/^adf=:./, value[5] === 'A' ? 'adf=:B' : 'adf=:A')),
      'bad_signature',
    ],
    'spare bits of the signature': [
      replaced('signature', (value) => value.replace(/(.)==:$/, (_, last) => `${after(last)}==:`)),
      'malformed_signature',
    ],
  }
  for (const [what, [request, code]] of Object.entries(changed))
    expect([what, await outcome(request)]).toEqual([what, code])
})

it('accepts what was signed within the window, either way, and nothing else', async () => {
  expect(await outcome(received(), NOW + WINDOW)).toBe('sound')
  expect(await outcome(received(), NOW - WINDOW)).toBe('sound')
  expect(await outcome(received(), NOW + WINDOW + 1)).toBe('expired')
  expect(await outcome(received(), NOW - WINDOW - 1)).toBe('from_the_future')
})

it('refuses headers that are missing, twice, too long or not in the form', async () => {
  const headers = headersOf(parts)
  for (const name of ['signature-input', 'signature', 'content-digest']) {
    const at = headers.indexOf(name)
    expect(await outcome(received({ headers: headers.toSpliced(at, 2) }))).toBe('missing_signature')
    const twice = [...headers, name.toUpperCase(), headers[at + 1]!]
    expect(await outcome(received({ headers: twice }))).toBe('malformed_signature')
    expect(await outcome(replaced(name, (value) => value + ' '.repeat(600)))).toBe('malformed_signature')
    expect(await outcome(replaced(name, (value) => `${value}, other=1`))).toBe('malformed_signature')
    expect(await outcome(replaced(name, () => '"'))).toBe('malformed_signature')
    expect(await outcome(replaced(name, () => 'adf=1'))).toBe('malformed_signature')
  }
  expect(await outcome(replaced('content-digest', (value) => value.replace('sha-256', 'sha-512')))).toBe(
    'malformed_signature',
  )
  expect(await outcome(received({ target: 'http://other/federation/v1/work' }))).toBe('malformed_signature')
  expect(await outcome(received({ target: `${parts.target}\n"@query": ?` }))).toBe('malformed_signature')
})

it('refuses a sound signature that covers something else, or says it in another way', async () => {
  const digest = received().headers[1]!
  const all = [
    ['@method', parts.method],
    ['@path', parts.target.split('?')[0]!],
    ['@query', `?${parts.target.split('?')[1]!}`],
    ['content-digest', digest],
  ] as const
  const names = (lines: readonly (readonly [string, string])[]) =>
    `(${lines.map(([name]) => `"${name}"`).join(' ')})`
  const created = 'created=1618884473'
  const rest = `nonce="AAECAwQFBgcICQoLDA0ODw";keyid="${keyId}";tag="adf-federation"`
  expect(await outcome(withParameters(`${names(all)};${created};${rest}`, all))).toBe('sound')
  for (let without = 0; without < all.length; without++) {
    const some = all.toSpliced(without, 1)
    expect(await outcome(withParameters(`${names(some)};${created};${rest}`, some))).toBe('not_covered')
  }
  const more = [...all, ['content-digest', digest]] as const
  expect(await outcome(withParameters(`${names(more)};${created};${rest}`, more))).toBe('not_covered')
  const bound = `${names(all).replace('"@method"', '"@method";req')};${created};${rest}`
  expect(await outcome(withParameters(bound, all))).toBe('not_covered')
  for (const parameters of [
    `created="soon";${rest}`,
    `created=1618884473.5;${rest}`,
    `created=-1;${rest}`,
    rest,
    `${created};${rest};alg="ed25519"`,
    `${created};${rest};expires=1618884999`,
    `${created};${rest.replace('AAEC', 'AA')}`,
    `${created};${rest.replace(keyId, 'a key')}`,
    `${created};${rest.replace(keyId, '')}`,
  ])
    expect([parameters, await outcome(withParameters(`${names(all)};${parameters}`, all))]).toEqual([
      parameters,
      'malformed_signature',
    ])
})

it('refuses to sign what could add a line or a parameter', () => {
  for (const target of ['http://h/x', '', '/a\nb', '/a b', '/a#b', '/\u00e9'])
    expect(() => signRequest({ ...parts, target }, signing)).toThrow('target')
  for (const method of ['post', 'POST\n', ''])
    expect(() => signRequest({ ...parts, method }, signing)).toThrow('method')
  for (const id of ['', 'a"b', 'a;b', 'x'.repeat(65)])
    expect(() => signRequest(parts, { ...signing, keyId: id })).toThrow('key id')
  expect(() => signRequest(parts, { ...signing, nonce: nonce.subarray(1) })).toThrow('15 bytes')
})

it('every request that can be signed verifies, and with one bit changed in what is sent it does not', async () => {
  const character = fc.constantFrom(...'abcXYZ019-._~/:?&=%')
  const request = fc.record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
    target: fc.string({ unit: character, maxLength: 60 }).map((text) => `/${text}`),
    body: fc.uint8Array({ maxLength: 200 }),
  })
  await fc.assert(
    fc.asyncProperty(request, fc.nat(), fc.nat(7), async (from, place, bit) => {
      const headers = headersOf(from)
      expect(await outcome({ ...from, headers })).toBe('sound')
      const at = 2 * (place % 3) + 1
      const value = Buffer.from(headers[at]!, 'latin1')
      value[Math.floor(place / 3) % value.length]! ^= 1 << bit
      expect(await outcome({ ...from, headers: headers.with(at, value.toString('latin1')) })).not.toBe(
        'sound',
      )
    }),
    { seed: 9421, numRuns: 300 },
  )
})

it('verifies over a socket what a client signed, and one more header changes nothing', async () => {
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray())
    const { method = '', url = '', rawHeaders } = request
    response.end(await outcome({ method, target: url, body, headers: rawHeaders }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const answer = await fetch(`http://127.0.0.1:${port}${parts.target}`, {
    method: parts.method,
    body: new Uint8Array(parts.body),
    headers: { ...signRequest(parts, signing), 'x-method-override': 'PUT' },
  })
  expect(await answer.text()).toBe('sound')
  server.close()
  server.closeAllConnections()
})

it('proves a new key for one client only', () => {
  const next = newClientKey()
  const proof = rotationProof(keyId, next)
  expect(proof).toHaveLength(86)
  expect(provesRotation(keyId, next.publicKey, proof)).toBe(true)
  expect(provesRotation('another', next.publicKey, proof)).toBe(false)
  expect(provesRotation(keyId, key.publicKey, proof)).toBe(false)
})
