import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
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
import { growth } from './memory.ts'
import { call, frame } from './requests.ts'
import { quick, Steady } from './steady.ts'

/** INITIAL_WINDOW_SIZE 0: nothing of an answer can be sent. */
const NO_WINDOW = Buffer.of(0, 4, 0, 0, 0, 0)
const CANCEL = Buffer.of(0, 0, 0, 8)
const IN_FLIGHT = 32 * 2 ** 20
/** What the collector of garbage has not yet taken back; each attack below asks for a gigabyte or more. */
const BOUND_MIB = 250

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

  test('calls with many long fields are refused, and their memory is not kept', async () => {
    const long = Array.from({ length: 40 }, (_, i) => headerBlock({ [`x-${i}`]: 'y'.repeat(1400) }))
    const block = Buffer.concat([EXPORT, ...long])
    const grew = await growth(adf, async () => {
      const made = attackers(60)
      await Promise.all(
        made.map((client) => client.write(Buffer.concat(streams(256).map((id) => headers(id, block))))),
      )
      for (const client of made) await client.until(({ stream }) => stream === 511)
      expect(await inFlight()).toBeLessThan(2 ** 20)
    })
    leave()
    expect(grew).toBeLessThan(BOUND_MIB)
  })

  test('a block of fields without an end ends the connection', async () => {
    const [client] = attackers(1)
    const more = http2Frame(FrameType.continuation, 0, 1, headerBlock({ 'x-a': 'b'.repeat(15_000) }))
    await client?.write(http2Frame(FrameType.headers, 0, 1, EXPORT))
    while (await client?.write(more));
    await client?.closed
  })

  test('open calls have no more room than all requests may have', async () => {
    const made = attackers(40)
    await Promise.all(
      made.map((client) => client.write(Buffer.concat(streams(256).map((id) => exportRequest(id))))),
    )
    await until('calls are refused', async () =>
      made.some(({ frames }) => frames.some(({ stream }) => stream > 0)),
    )
    expect(await inFlight()).toBeLessThanOrEqual(IN_FLIGHT)
    leave()
    await until('their room is given back', async () => (await inFlight()) < 2 ** 20)
  })

  test('who takes none of its answers loses its connection', async () => {
    const before = await ended('unread')
    const grew = await growth(adf, async () => {
      const made = attackers(40, { reading: false, settings: NO_WINDOW })
      const flood = Buffer.concat(streams(3000).map((id) => exportRequest(id, Buffer.alloc(5))))
      for (const { socket } of made) socket.write(flood)
      await until('they are cut', async () => (await ended('unread')) >= before + made.length, 60_000)
    })
    leave()
    expect(grew).toBeLessThan(BOUND_MIB)
    await until('their room is given back', async () => (await inFlight()) < 2 ** 20)
  })

  test('a flood of pings whose answers nobody reads ends the connection', async () => {
    const [client] = attackers(1, { reading: false })
    const pings = Buffer.concat(
      Array.from({ length: 1000 }, () => http2Frame(FrameType.ping, 0, 0, Buffer.alloc(8))),
    )
    const grew = await growth(adf, async () => {
      for (
        let i = 0;
        i < 2000 && client?.socket.destroyed === false && client.socket.writableLength < 2 ** 22;
        i++
      ) {
        client.socket.write(pings)
        if (i % 50 === 0) await inFlight()
      }
    })
    leave()
    expect(grew).toBeLessThan(BOUND_MIB)
  })

  test('gzip that claims to be large costs what it is', async () => {
    const packed = gzipSync(Buffer.alloc(100))
    packed.writeUInt32LE(63 * 2 ** 20, packed.length - 4)
    const framed = frame(packed, { compressed: 1 })
    const fields = Buffer.concat([EXPORT, headerBlock({ 'grpc-encoding': 'gzip' })])
    const grew = await growth(adf, async () => {
      const made = attackers(20)
      const requests = streams(200).map((id) =>
        Buffer.concat([headers(id, fields), http2Frame(FrameType.data, Flag.endStream, id, framed)]),
      )
      await Promise.all(made.map((client) => client.write(Buffer.concat(requests))))
      for (const client of made)
        await client.until(({ stream, flags }) => stream === 399 && (flags & Flag.endStream) > 0)
    })
    leave()
    expect(grew).toBeLessThan(BOUND_MIB)
  })
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

test('through all of this the neighbour was not disturbed', async () => {
  await steady.expectUndisturbed()
  expect(adf.process.child.exitCode).toBeNull()
})
