import { gzipSync } from 'node:zlib'
import { type Rng, seeded } from '@adf/detectors'
import { Pool } from 'undici'
import { startAdf } from '../../../../test/harness/adf.ts'
import { bounds } from '../bounds.ts'
import { type Mutant, mutant } from '../mutant.ts'
import { MUTATIONS, mutated } from '../mutation.ts'
import { recordings } from '../recordings.ts'
import { type Watched, watched } from '../watched.ts'
import { GrpcDoor } from './grpc.ts'

/** Recordings are made anew after so many messages, so that their times are near the clock's. */
const RENEWED_EVERY = 5000

/** Mutated messages over gRPC and HTTP at `adf up` with small tables. */
export async function fuzzOtlp(
  count: number,
  seed: number,
  progress: (text: string) => void,
): Promise<Watched> {
  const adf = await startAdf({ log: { level: 'silent' }, ...bounds })
  const http = new Pool(`http://127.0.0.1:${adf.httpPort}`, { connections: 8 })
  const grpc = new GrpcDoor(adf.grpcPort)
  const rng = seeded(seed)
  let sound = recordings(Date.now(), rng)
  let made = 0
  const send = () => {
    if (++made % RENEWED_EVERY === 0) sound = recordings(Date.now(), rng)
    const message = mutant(sound, rng)
    if (message.encoding === 'protobuf' && rng() < 0.5) {
      const { frame, encoding } = framed(message.bytes, rng)
      return grpc.send(message.signal, frame, encoding)
    }
    return post(http, message, rng)
  }
  try {
    const pid = adf.process.child.pid ?? 0
    const isFailure = (status: string) => status === '500' || status === 'grpc 13'
    return await watched({ pid, ended: adf.process.exited }, count, send, { isFailure, progress })
  } finally {
    grpc.close()
    await http.destroy()
    await adf.stop()
  }
}

/** With the prefix of gRPC: mostly a right one, some compressed, some of another length or flag, some mutated as a whole. */
function framed(message: Uint8Array, rng: Rng): { frame: Uint8Array; encoding: string | undefined } {
  const zipped = rng() < 0.2
  const body = zipped ? gzipSync(message) : message
  const frame = Buffer.alloc(5 + body.length)
  frame[0] = rng() < 0.97 ? Number(zipped) : Math.floor(rng() * 256)
  frame.writeUInt32BE(rng() < 0.97 ? body.length : Math.floor(rng() * 2 ** 32), 1)
  frame.set(body, 5)
  const encoding = zipped ? 'gzip' : undefined
  if (rng() < 0.9) return { frame, encoding }
  return { frame: mutated(frame, message, MUTATIONS[Math.floor(rng() * MUTATIONS.length)]!, rng), encoding }
}

async function post(pool: Pool, { signal, encoding, bytes }: Mutant, rng: Rng): Promise<string | undefined> {
  const zipped = rng() < 0.2
  const zippedBody = zipped ? gzipSync(bytes) : bytes
  // What says that it is gzip and is not, or not to its end.
  const body = zipped && rng() < 0.2 ? mutated(zippedBody, bytes, 'flipped', rng) : zippedBody
  const answer = await pool
    .request({
      method: 'POST',
      path: `/v1/${signal}`,
      headers: {
        'content-type': encoding === 'json' ? 'application/json' : 'application/x-protobuf',
        ...(zipped && { 'content-encoding': 'gzip' }),
      },
      body,
    })
    .catch(() => undefined)
  await answer?.body.dump()
  return answer === undefined ? undefined : String(answer.statusCode)
}
