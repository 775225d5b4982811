import { Agent } from 'undici'
import { cpuSeconds, peakRssMb } from '../../speed/ingest/process-usage.ts'
import type { ServerProcess } from '../server/server-process.ts'
import { expected, Site } from '../server/site.ts'

/** Enrolled at a time. */
const AT_ONCE = 20
const WAIT_SECONDS = 50

/** What the server's process did and held under a load. */
export interface Measured {
  /** From the last update accepted to the version told, of the slowest round. */
  readonly aggregation_s: number
  readonly rss_mb: number
  /** Of the process, for a round from its opening on. */
  readonly cpu_s_per_round: number
  /** The longest that the event loop was held. */
  readonly stall_ms: number
  /** Of updates and deltas, as the clients see it, on the same machine. */
  readonly request_p99_ms: number
}

/** Enrols as many sites as there are frames, and has them take part in rounds: all wait for work, send an update, and take the delta. */
export async function load(
  server: ServerProcess,
  run: string,
  frames: readonly Uint8Array[],
  rounds: number,
): Promise<Measured> {
  const dispatcher = new Agent({
    connections: null,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: 0 },
  })
  try {
    const sites: Site[] = []
    for (let at = 0; at < frames.length; at += AT_ONCE) {
      const names = Array.from({ length: Math.min(AT_ONCE, frames.length - at) }, (_, i) => `site-${at + i}`)
      sites.push(...(await Promise.all(names.map((name) => Site.enrol(server.url, dispatcher, name)))))
    }
    const cpu = cpuSeconds(server.pid)
    await server.longestDelayMs()
    const took: number[] = []
    const lastAccepted = new Float64Array(rounds + 1)
    const told = new Float64Array(rounds + 1)
    await Promise.all(sites.map((site, i) => takePart(site, frames[i]!, i)))
    const versions = Array.from({ length: rounds }, (_, i) => i + 1)
    return {
      aggregation_s: Math.max(...versions.map((each) => told[each]! - lastAccepted[each]!)) / 1000,
      rss_mb: peakRssMb(server.pid),
      cpu_s_per_round: (cpuSeconds(server.pid) - cpu) / rounds,
      stall_ms: await server.longestDelayMs(),
      request_p99_ms: took.sort((a, b) => a - b)[Math.floor(0.99 * took.length)] ?? Number.NaN,
    }

    async function takePart(site: Site, frame: Uint8Array, index: number): Promise<void> {
      let holding: { version: number; hash: string } | undefined
      for (;;) {
        const work = await site.work(run, holding, holding === undefined ? 0 : WAIT_SECONDS)
        const { version, hash, round } = work
        told[version] ||= performance.now()
        if (version === (holding?.version ?? 0) + 1)
          await timed(async () =>
            expected(await site.get(`/federation/v1/runs/${run}/versions/${version}/delta`), 200),
          )
        holding = { version, hash }
        if (version >= rounds) return
        if (round === null) continue
        // As sites are that train for different times.
        await new Promise((resolve) => setTimeout(resolve, (SPREAD_MS * index) / sites.length))
        await timed(async () => expected(await site.submit(run, round.round, round.base, frame), 200))
        lastAccepted[round.base + 1] = performance.now()
      }
    }

    async function timed(send: () => Promise<unknown>): Promise<void> {
      const begun = performance.now()
      await send()
      took.push(performance.now() - begun)
    }
  } finally {
    await dispatcher.destroy()
  }
}

/** Updates of a round come over so long. */
const SPREAD_MS = 10_000
