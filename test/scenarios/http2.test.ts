import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningAdf, startAdf } from '../harness/adf.ts'
import { until } from '../harness/process.ts'
import {
  EXPORT,
  exportRequest,
  Flag,
  FrameType,
  greeting,
  headerBlock,
  http2Frame,
  RawClient,
} from './http2-bytes.ts'
import { call, frame } from './requests.ts'
import { quick, Steady } from './steady.ts'

/** INITIAL_WINDOW_SIZE 0: nothing of an answer can be sent. */
const NO_WINDOW = Buffer.of(0, 4, 0, 0, 0, 0)
const CANCEL = Buffer.of(0, 0, 0, 8)
const IN_FLIGHT = 32 * 2 ** 20

let adf: RunningAdf
let steady: Steady
const clients: RawClient[] = []
beforeAll(async () => {
  adf = await startAdf({ ...quick, receiver: { max_in_flight: IN_FLIGHT } })
  steady = new Steady(adf)
  await steady.ready()
})
afterAll(async () => {
  await steady?.stop()
  await adf?.stop()
})

function attackers(count: number, options: { reading?: boolean; settings?: Buffer } = {}): RawClient[] {
  const made = Array.from({ length: count }, () => new RawClient(adf.grpcPort, options.reading ?? true))
  for (const client of made) client.socket.write(greeting(options.settings))
  clients.push(...made)
  return made
}

function leave(): void {
  for (const { socket } of clients.splice(0)) socket.destroy()
}

const inFlight = () => adf.metric('adf_receiver_in_flight_bytes')
const overloaded = () => adf.metric('adf_receiver_requests_total', { outcome: 'overloaded' })
const ended = (reason: string) => adf.metric('adf_receiver_connections_ended_total', { reason })

/** A block of so many bytes in frames of 16,000. */
function headers(stream: number, block: Buffer): Buffer {
  const frames: Buffer[] = []
  for (let at = 0; at < block.length; at += 16_000) {
    const type = at === 0 ? FrameType.headers : FrameType.continuation
    const flags = at + 16_000 >= block.length ? Flag.endHeaders : 0
    frames.push(http2Frame(type, flags, stream, block.subarray(at, at + 16_000)))
  }
  return Buffer.concat(frames)
}

const streams = (count: number) => Array.from({ length: count }, (_, i) => 2 * i + 1)

describe('HTTP/2 as nobody speaks it', () => {
  test('calls that are opened and given up end the connection', async () => {
    const [client] = attackers(1)
    const resets = streams(5000).map((id) =>
      Buffer.concat([exportRequest(id), http2Frame(FrameType.reset, 0, id, CANCEL)]),
    )
    void client?.write(Buffer.concat(resets))
    await client?.until(({ type }) => type === FrameType.goAway)
    await client?.closed
  })

  test('calls with many long fields are refused, whether or not our settings are acknowledged', async () => {
    const long = Array.from({ length: 40 }, (_, i) => headerBlock({ [`x-${i}`]: 'y'.repeat(1400) }))
    const block = Buffer.concat([EXPORT, ...long])
    const refused = () => adf.metric('adf_receiver_requests_total', { outcome: 'too_large' })
    const before = await refused()
    const [client] = attackers(1)
    await client?.write(Buffer.concat(streams(100).map((id) => headers(id, block))))
    await until('all are refused', async () => (await refused()) === before + 100)
    expect(await inFlight()).toBeLessThan(2 ** 20)
    leave()
  })

  test('a block of fields without an end ends the connection', async () => {
    const [client] = attackers(1)
    const more = http2Frame(FrameType.continuation, 0, 1, headerBlock({ 'x-a': 'b'.repeat(15_000) }))
    await client?.write(http2Frame(FrameType.headers, 0, 1, EXPORT))
    while (await client?.write(more));
    await client?.closed
  })

  test('open calls have no more room than all requests may have', async () => {
    const made = attackers(20)
    const open = Buffer.concat(streams(256).map((id) => exportRequest(id)))
    await Promise.all(made.map((client) => client.write(open)))
    await until('calls are refused', async () => (await overloaded()) > 0)
    expect(await inFlight()).toBeLessThanOrEqual(IN_FLIGHT)
    leave()
    await until('their room is given back', async () => (await inFlight()) < 2 ** 20)
  })

  test('who takes none of its answers loses its connection, and holds little until then', async () => {
    const made = attackers(20, { reading: false, settings: NO_WINDOW })
    const flood = Buffer.concat(streams(1000).map((id) => exportRequest(id, Buffer.alloc(5))))
    for (const { socket } of made) socket.write(flood)
    await until('those whose calls were taken are cut', async () => {
      expect(await inFlight()).toBeLessThanOrEqual(IN_FLIGHT)
      return (await ended('unread')) > 0
    })
    await until('their room is given back', async () => (await inFlight()) < 2 ** 20)
    leave()
  })

  test('a flood of pings whose answers nobody reads ends the connection', async () => {
    const [client] = attackers(1, { reading: false })
    const ping = http2Frame(FrameType.ping, 0, 0, Buffer.alloc(8))
    const pings = Buffer.concat(Array.from({ length: 100_000 }, () => ping))
    while (client?.socket.destroyed === false) await client.write(pings)
    await client?.closed
  })
})

test('through all of this the neighbour was not disturbed', async () => {
  await steady.expectUndisturbed()
})

test('without file descriptors no connection is taken, and all goes on when there are again', async () => {
  const { pid } = adf.process.child
  const used = readdirSync(`/proc/${pid}/fd`).length
  const limit = (soft: number) => execFileSync('prlimit', ['--pid', String(pid), `--nofile=${soft}:`])
  const [, soft] =
    /NOFILE +(\d+)/.exec(
      execFileSync(
        'prlimit',
        ['--pid', String(pid), '--nofile', '--noheadings', '--output', 'RESOURCE,SOFT'],
        { encoding: 'utf8' },
      ),
    ) ?? []
  limit(used + 2)
  const sockets = [adf.grpcPort, adf.httpPort].flatMap((port) =>
    Array.from({ length: 30 }, () => connect(port, '127.0.0.1').on('error', () => {})),
  )
  // some are closed by the server, which has no place for them
  await Promise.any(sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve))))
  limit(Number(soft))
  for (const socket of sockets) socket.destroy()
  await until(
    'it takes calls again',
    async () => (await call(adf.grpcPort, 'traces', frame(Buffer.alloc(0)))).code === 0,
  )
})
