import { setTimeout as sleep } from 'node:timers/promises'
import type { Incident } from '@adf/contract'
import { seeded } from '@adf/detectors'
import { type Config, openSqliteStore, ScoringEngine, type Store, scoringOptions } from '@adf/processor'
import { Registry } from 'prom-client'
import { UsageError } from '../output/failure.ts'
import { createFindings } from './findings.ts'
import { Player } from './player.ts'
import { ReplayProgress } from './progress.ts'
import type { Recordings } from './recordings.ts'
import { Replay } from './replay.ts'
import { incidentText, type ReplaySummary, recordsOf } from './report.ts'

export interface SessionOptions {
  readonly config: Config
  readonly seed: number
  /** Times real time; Infinity: as fast as it goes. */
  readonly speed: number
  readonly gapMs: number
  /** SQLite file that gets anomalies and incidents. */
  readonly store: string | undefined
  readonly top: number
  readonly line: (text: string) => void
}

export interface SessionResult {
  readonly summary: ReplaySummary
  readonly incidents: readonly Incident[]
  readonly anomalies: number
}

/** Plays recordings from begin to end. Rejects with FileError or DatabaseError. */
export async function playRecordings(found: Recordings, options: SessionOptions): Promise<SessionResult> {
  const store =
    options.store === undefined
      ? undefined
      : await openSqliteStore({ path: options.store, clock: Date.now, claim: { as: 'processor' } })
  try {
    return await play(found, options, store)
  } finally {
    await store?.close()
  }
}

async function play(
  { recordings, left, streams }: Recordings,
  options: SessionOptions,
  store: Store | undefined,
): Promise<SessionResult> {
  const { speed, seed, top, line } = options
  const taken = Object.keys(streams).find((name) => name in options.config.streams)
  if (taken !== undefined)
    throw new UsageError(`the stream ${taken} is for tables here: rename it in the configuration`)
  const config = { ...options.config, streams: { ...options.config.streams, ...streams } }
  const beganMs = performance.now()
  const registry = new Registry()
  const progress = new ReplayProgress(recordings.reduce((total, { bytes }) => total + bytes, 0))
  const findings = createFindings(store, (incident, change) => {
    const text = incidentText(incident, change, top)
    if (text === undefined) return
    progress.clear()
    line(text)
  })
  const scoring = new ScoringEngine(scoringOptions(config, 'inline'), {
    registry,
    thresholds: store?.thresholds ?? { all: async () => [], version: async () => 0, since: async () => [] },
    disturbance: (entity) => player.pipeline.disturbance(entity),
    warn: (message) => line(message),
  })
  const player: Player = new Player({ config, registry, scoring, rng: seeded(seed), outputs: findings })
  const replay = new Replay(player, recordings, {
    config,
    gapMs: options.gapMs,
    passed: (bytes) => progress.passed(bytes),
    async pace(playedMs) {
      progress.tell(player.nowMs, recordsOf(player.played), findings.incidents.size)
      const dueMs = beganMs + playedMs / speed
      if (dueMs > performance.now()) await sleep(dueMs - performance.now())
      await findings.stored(false)
    },
  })
  try {
    await scoring.start()
    await replay.run()
    await findings.stored(true)
  } finally {
    progress.stop()
    await scoring.stop()
  }
  const { played, nowMs } = player
  if (Number.isNaN(replay.fromMs)) throw new UsageError('the files have no records with a time')
  const seconds = (performance.now() - beganMs) / 1000
  const scored = await count(registry, 'adf_vectors_scored_total')
  const incidents = [...findings.incidents.values()]
  return {
    summary: {
      files: recordings.length,
      files_left: left.length,
      from: new Date(replay.fromMs).toISOString(),
      to: new Date(nowMs).toISOString(),
      spans: played.spans,
      points: played.points,
      records: played.logs,
      rows: played.rows,
      rejected: played.rejected,
      out_of_order: played.outOfOrder,
      vectors: scored + (await count(registry, 'adf_vectors_skipped_total')),
      scored,
      anomalies: findings.anomalies,
      incidents: incidents.filter(({ state }) => state !== 'merged').length,
      left: Object.fromEntries(findings.lost),
      skipped_seconds: replay.skippedMs / 1000,
      seconds,
      per_second: recordsOf(played) / seconds,
    },
    incidents,
    anomalies: findings.anomalies,
  }
}

async function count(registry: Registry, name: string): Promise<number> {
  const values = (await registry.getSingleMetric(name)?.get())?.values ?? []
  return values.reduce((total, { value }) => total + value, 0)
}
