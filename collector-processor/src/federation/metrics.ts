import { Counter, Gauge, type Registry } from 'prom-client'

/** Why this site had no part in a round, or could not ask. */
export type MissedReason =
  | 'too_little_data'
  | 'ran_away'
  | 'refused'
  /** Of secure aggregation: no keys of the other sites; a check failed; too slow, or started again half way; without a result. */
  | 'no_peers'
  | 'distrusted'
  | 'dropped_out'
  | 'abandoned'

export type FederationMetrics = ReturnType<typeof createFederationMetrics>

/** @param traffic bytes of bodies so far */
export function createFederationMetrics(
  registry: Registry,
  traffic: () => { readonly sent: number; readonly received: number },
) {
  const registers = [registry]
  new Counter({
    name: 'adf_fl_bytes_total',
    help: 'Bytes of bodies of requests to the federation server and of its answers, by direction.',
    labelNames: ['direction'],
    registers,
    collect() {
      const { sent, received } = traffic()
      this.reset()
      this.inc({ direction: 'up' }, sent)
      this.inc({ direction: 'down' }, received)
    },
  })
  return {
    rounds: new Counter({
      name: 'adf_fl_rounds_completed_total',
      help: 'Training rounds that this site had a part in: its update is stored on the server.',
      labelNames: ['stream'],
      registers,
    }),
    missed: new Counter({
      name: 'adf_fl_rounds_missed_total',
      help: 'Training rounds that this site was asked for and had no part in, by reason.',
      labelNames: ['reason'],
      registers,
    }),
    weights: new Counter({
      name: 'adf_fl_global_weights_total',
      help: 'Global weights that came, by what became of them: first, taken, kept (the own ones, being better).',
      labelNames: ['stream', 'verdict'],
      registers,
    }),
    version: new Gauge({
      name: 'adf_fl_global_version',
      help: 'Version of the global weights that is held.',
      labelNames: ['stream'],
      registers,
    }),
    loss: new Gauge({
      name: 'adf_fl_held_out_loss',
      help: 'Mean square error on normal vectors that nothing is trained on, in standard deviations: of the global weights, with a last layer of the own, and of those that judged.',
      labelNames: ['stream', 'weights'],
      registers,
    }),
    cpu: new Counter({
      name: 'adf_fl_training_cpu_seconds_total',
      help: 'Processor time of training for rounds.',
      registers,
    }),
    failures: new Counter({
      name: 'adf_fl_failures_total',
      help: 'Exchanges with the federation server that failed, retries included: unreachable (it is away or overloaded), refused, other.',
      labelNames: ['reason'],
      registers,
    }),
  }
}
