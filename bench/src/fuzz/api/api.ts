import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { seeded } from '@adf/detectors'
import { Pool } from 'undici'
import { z } from 'zod'
import { startAdf } from '../../../../test/harness/adf.ts'
import { writeAndLeave } from '../cut-off.ts'
import { MUTATIONS, mutated } from '../mutation.ts'
import { type Watched, watched } from '../watched.ts'
import { asText, mutatedRequest, type Wire } from './mutated-request.ts'
import { type Recorded, recorded } from './recorded.ts'

/** One request in so many is mutated as a whole, request line and headers included. */
const RAW_IN = 20
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const
const WebhookFile = z.object({ api: z.object({ port: z.number() }) })

/** Mutated requests at the API of the processor and of the webhook, which run in one process. */
export async function fuzzApi(
  count: number,
  seed: number,
  progress: (text: string) => void,
): Promise<Watched> {
  const adf = await startAdf(
    {
      log: { level: 'silent' },
      streams: {
        transactions: { entity: 'account', time: 'timestamp', features: { amount: { unit: 'USD' } } },
      },
    },
    { webhook: true },
  )
  const { api } = WebhookFile.parse(JSON.parse(readFileSync(join(adf.folder, 'webhook.yaml'), 'utf8')))
  const ports: Readonly<Record<Recorded['service'], number>> = {
    processor: Number(new URL(adf.api).port),
    webhook: api.port,
  }
  const pools = {
    processor: new Pool(`http://127.0.0.1:${ports.processor}`, { connections: 8 }),
    webhook: new Pool(`http://127.0.0.1:${ports.webhook}`, { connections: 8 }),
  }
  const rng = seeded(seed)
  let made = 0
  const send = () => {
    const request = recorded[Math.floor(rng() * recorded.length)]!
    const wire = mutatedRequest(request, rng)
    if (++made % RAW_IN !== 0) return ask(pools[request.service], wire)
    const text = asText(wire, '127.0.0.1')
    return writeAndLeave(
      ports[request.service],
      mutated(text, text, MUTATIONS[made % MUTATIONS.length]!, rng),
    )
  }
  try {
    const pid = adf.process.child.pid ?? 0
    const isFailure = (status: string) => status === '500'
    return await watched({ pid, ended: adf.process.exited }, count, send, { isFailure, progress })
  } finally {
    await Promise.all([pools.processor.destroy(), pools.webhook.destroy()])
    await adf.stop()
  }
}

async function ask(pool: Pool, { method, path, headers, body }: Wire): Promise<string | undefined> {
  const answer = await pool
    .request({
      method: METHODS.find((known) => known === method) ?? 'GET',
      path,
      headers,
      body: body ?? null,
    })
    .catch(() => undefined)
  await answer?.body.dump()
  return answer === undefined ? undefined : String(answer.statusCode)
}
