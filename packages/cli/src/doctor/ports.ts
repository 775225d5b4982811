import { connect } from 'node:http2'
import { createServer } from 'node:net'
import type { Config } from '@adf/processor'
import type { Listener } from '@adf/service'
import { ask, parsed } from './adf-client.ts'
import { type Finding, fault, ok } from './finding.ts'

const TIMEOUT_MS = 2000
const EXPORT = '/opentelemetry.proto.collector.trace.v1.TraceService/Export'
/** grpc-status of an OTLP receiver: taken, or a token is missing or may not. */
const OTLP_STATUS = new Set(['0', '7', '16'])

type Key = 'receiver.grpc' | 'receiver.http' | 'api'

/** The ports that an ADF with this configuration listens on: free, or who has them. */
export async function checkPorts(
  config: Config,
  { running, token }: { running: boolean; token: string | undefined },
): Promise<Finding[]> {
  const listeners: [Key, Listener][] = [
    ['receiver.grpc', config.receiver.grpc],
    ['receiver.http', config.receiver.http],
    ['api', config.api],
  ]
  return Promise.all(listeners.map(([key, listener]) => checkPort(key, listener, running, token)))
}

/** `running`: an ADF answers at the address that the doctor looks at. It gets the token: a probe without one counts as refused there. */
async function checkPort(
  key: Key,
  listener: Listener,
  running: boolean,
  token: string | undefined,
): Promise<Finding> {
  const { host, port } = listener
  const check = `port ${key}`
  const place = `${host}:${port}`
  if (port === 0) return ok(check, `${key}.port is 0: a free one is taken at the start`)
  const code = await tryListen(host, port)
  if (code === undefined)
    return ok(check, running ? `${place} is free: the ADF that runs has another one` : `${place} is free`)
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return fault(check, `${host} is no address of this machine`, `set ${key}.host`)
  if (code === 'EACCES')
    return fault(check, `${place} needs more privileges`, `set ${key}.port to one from 1024 on`)
  if (code !== 'EADDRINUSE') return fault(check, `${place} cannot be listened on (${code})`, `set ${key}`)
  if (listener.tls !== undefined) return ok(check, `${place} is taken by a server with TLS`)
  const target = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  const owner = await ANSWERS[key](
    `http://${target}:${port}`,
    running && token !== undefined ? { authorization: `Bearer ${token}` } : {},
  )
  if (owner === 'ours' && (running || key === 'api')) return ok(check, `${place} is taken by ADF`)
  const who = owner === 'ours' ? 'another OTLP receiver (a collector?)' : WHO[owner]
  return fault(check, `${place} is taken by ${who}`, `stop it, or set ${key}.port`)
}

/** Undefined: it can be listened on. Else the code of the error. */
function tryListen(host: string, port: number): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const server = createServer()
  server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
  server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  return promise
}

/** Who has a port: one that answers as ADF would there, another one, or one that does not answer. */
type Owner = 'ours' | 'other' | 'silent'

type Credentials = Readonly<Record<string, string>>

const WHO = { other: 'a program that is no ADF', silent: 'a program that does not answer' } as const

const ANSWERS: Readonly<Record<Key, (url: string, credentials: Credentials) => Promise<Owner>>> = {
  api: isAdf,
  'receiver.http': speaksOtlpHttp,
  'receiver.grpc': speaksOtlpGrpc,
}

/** Its status, or that a token is needed for it. */
async function isAdf(url: string, credentials: Credentials): Promise<Owner> {
  const { status, type, text } = await ask(`${url}/api/status`, { headers: credentials })
  if (status === 0) return 'silent'
  if (status === 401 || status === 403) return type.startsWith('application/problem+json') ? 'ours' : 'other'
  const body = parsed(text)
  const ours = status === 200 && typeof body === 'object' && body !== null && 'telemetry' in body
  return ours ? 'ours' : 'other'
}

/** An empty export: nothing is sent. */
async function speaksOtlpHttp(url: string, credentials: Credentials): Promise<Owner> {
  const type = 'application/x-protobuf'
  const answer = await ask(`${url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': type, ...credentials },
    body: '',
  })
  if (answer.status === 0) return 'silent'
  return [200, 401, 403].includes(answer.status) && answer.type.startsWith(type) ? 'ours' : 'other'
}

function speaksOtlpGrpc(url: string, credentials: Credentials): Promise<Owner> {
  const { promise, resolve } = Promise.withResolvers<Owner>()
  const session = connect(url)
  const timer = setTimeout(() => end('silent'), TIMEOUT_MS)
  const end = (owner: Owner) => {
    clearTimeout(timer)
    session.destroy()
    resolve(owner)
  }
  const look = (headers: Record<string, unknown>) => {
    const status = headers['grpc-status']
    if (status !== undefined) end(OTLP_STATUS.has(String(status)) ? 'ours' : 'other')
  }
  session.on('error', () => end('other'))
  const stream = session.request({
    ':method': 'POST',
    ':path': EXPORT,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...credentials,
  })
  stream.on('response', look)
  stream.on('trailers', look)
  stream.on('error', () => end('other'))
  stream.on('end', () => end('other'))
  stream.resume()
  stream.end(new Uint8Array(5))
  return promise
}
