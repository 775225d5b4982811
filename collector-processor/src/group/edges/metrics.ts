import { Counter, Gauge, type Registry } from 'prom-client'

export function createEdgeMetrics(registry: Registry, read: { waitingBytes(): number; heldSteps(): number }) {
  const registers = [registry]
  new Gauge({
    name: 'adf_edges_unsent_bytes',
    help: 'Summaries of spans and logs that the topic has not got yet.',
    registers,
    collect() {
      this.set(read.waitingBytes())
    },
  })
  new Gauge({
    name: 'adf_edges_held_steps',
    help: 'Steps of partitions that wait for those of slower ones before graph and logs have them.',
    registers,
    collect() {
      this.set(read.heldSteps())
    },
  })
  return {
    sent: new Counter({
      name: 'adf_edges_sent_total',
      help: 'Summaries of spans and logs that the topic took.',
      registers,
    }),
    failures: new Counter({
      name: 'adf_edges_send_failures_total',
      help: 'Times that the topic took none; they wait.',
      registers,
    }),
    ignored: new Counter({
      name: 'adf_edges_ignored_total',
      help: 'Summaries without effect: of a process that had lost the partition (fenced), there already (repeated), of a step whose begin is missing (incomplete), or none at all (malformed).',
      labelNames: ['reason'],
      registers,
    }),
    overruns: new Counter({
      name: 'adf_edges_overruns_total',
      help: 'Times that steps went on without a partition that is behind, since too much waited for it.',
      registers,
    }),
  }
}
