import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** What a gauge reads at a scrape. */
export interface MetricSources {
  clients(): Promise<{ enrolled: number; seen: number; revoked: number }>
  quarantined(): Promise<number>
  epsilons(): Promise<readonly { run: string; epsilon: number }[]>
  waitingPolls(): number
}

/** Metrics of the federation server. Labels are runs of the configuration and fixed words; never a client. */
export class FederationMetrics {
  readonly completed: Counter<'run'>
  readonly abandoned: Counter<'run'>
  readonly duration: Histogram<'run'>
  readonly aggregation: Histogram<'run'>
  readonly received: Counter<'run'>
  readonly rejected: Counter<'reason'>
  readonly masked: Counter<'run' | 'step'>
  readonly bytes: Counter<'run' | 'direction'>
  readonly refused: Counter<'reason'>
  readonly faults: Counter<'run'>

  /** @param runs names of the runs: their series are there from the start, so that a rate sees the first round too (Prometheus, "Avoid missing metrics") */
  constructor(registry: Registry, runs: readonly string[]) {
    const registers = [registry]
    const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
      new Counter({ name, help, labelNames, registers })
    this.completed = counter('adf_fl_rounds_completed_total', 'Rounds that made a version of the weights.', [
      'run',
    ])
    this.abandoned = counter('adf_fl_rounds_abandoned_total', 'Rounds that were abandoned.', ['run'])
    this.duration = new Histogram({
      name: 'adf_fl_round_duration_seconds',
      help: 'From the opening of a round to its end.',
      labelNames: ['run'],
      buckets: [0.1, 0.5, 2, 10, 30, 60, 300, 900, 3600],
      registers,
    })
    this.aggregation = new Histogram({
      name: 'adf_fl_aggregation_duration_seconds',
      help: 'What one round took to be validated and aggregated.',
      labelNames: ['run'],
      buckets: [0.01, 0.05, 0.2, 1, 5, 20],
      registers,
    })
    this.received = counter('adf_fl_updates_received_total', 'Updates that were stored.', ['run'])
    this.rejected = counter(
      'adf_fl_updates_rejected_total',
      'Updates that have no part in a version, by reason; `quarantined` are held back for a review.',
      ['reason'],
    )
    this.masked = counter(
      'adf_fl_secure_messages_total',
      'Messages of secure aggregation that were stored, by step: keys, shares, input, confirmation, answer.',
      ['run', 'step'],
    )
    this.bytes = counter('adf_fl_bytes_total', 'Bodies of updates (up) and of weights (down).', [
      'run',
      'direction',
    ])
    this.refused = counter(
      'adf_fl_requests_refused_total',
      'Requests of clients that were refused, by error code.',
      ['reason'],
    )
    this.faults = counter('adf_fl_round_faults_total', 'Steps of rounds that failed and are tried again.', [
      'run',
    ])
    for (const run of runs) {
      for (const histogram of [this.duration, this.aggregation]) histogram.zero({ run })
      for (const counted of [this.completed, this.abandoned, this.received, this.faults])
        counted.inc({ run }, 0)
      for (const direction of ['up', 'down']) this.bytes.inc({ run, direction }, 0)
    }
  }

  /** Gauges, once it is there what they read. */
  observe(registry: Registry, sources: MetricSources): void {
    const registers = [registry]
    // A store that cannot be read says so elsewhere; it must not take all metrics with it.
    const quietly = async (read: () => Promise<void>) => void (await read().catch(() => {}))
    new Gauge({
      name: 'adf_fl_clients',
      help: 'Clients by state; `seen` ones asked for work lately.',
      labelNames: ['state'],
      registers,
      collect() {
        return quietly(async () => {
          const counts = await sources.clients()
          for (const [state, count] of Object.entries(counts)) this.set({ state }, count)
        })
      },
    })
    new Gauge({
      name: 'adf_fl_updates_quarantined',
      help: 'Updates that wait for a review.',
      registers,
      collect() {
        return quietly(async () => this.set(await sources.quarantined()))
      },
    })
    new Gauge({
      name: 'adf_fl_epsilon',
      help: 'Differential privacy spent on the client that took part most, of runs that ask for noise.',
      labelNames: ['run'],
      registers,
      collect() {
        return quietly(async () => {
          for (const { run, epsilon } of await sources.epsilons()) this.set({ run }, epsilon)
        })
      },
    })
    new Gauge({
      name: 'adf_fl_waiting_polls',
      help: 'Polls for work that are held back until there is some.',
      registers,
      collect() {
        this.set(sources.waitingPolls())
      },
    })
  }
}
