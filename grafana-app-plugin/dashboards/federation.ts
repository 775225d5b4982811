import { dashboard, number, prom, row, series } from './parts.ts'

const or0 = (expr: string) => `${expr} or vector(0)`

export const federation = dashboard(
  'adf-federation',
  'ADF federation',
  'Training together: rounds, bytes, sites, what was rejected, and what the sites gain by it',
)
  .withPanel(number('Rounds completed', 'sum(adf_fl_rounds_completed_total{run!=""})'))
  .withPanel(number('Rounds abandoned', or0('sum(adf_fl_rounds_abandoned_total)')))
  .withPanel(number('Sites seen lately', 'sum(adf_fl_clients{state="seen"})'))
  .withPanel(number('In quarantine', 'sum(adf_fl_updates_quarantined)'))
  .withPanel(number('Bytes of bodies', 'sum(adf_fl_bytes_total{run!=""})', { unit: 'bytes' }))
  .withPanel(number('Privacy spent (ε)', or0('max(adf_fl_epsilon)')))
  .withRow(row('The server'))
  .withPanel(
    series('Rounds', [
      prom('sum by (run) (increase(adf_fl_rounds_completed_total{run!=""}[$__range]))', '{{run}} completed'),
      prom(or0('sum(increase(adf_fl_rounds_abandoned_total[$__range]))'), 'abandoned'),
    ]),
  )
  .withPanel(
    series(
      'Bytes',
      [
        prom(
          'sum by (run, direction) (rate(adf_fl_bytes_total{run!=""}[$__rate_interval]))',
          '{{run}} {{direction}}',
        ),
      ],
      { unit: 'Bps' },
    ),
  )
  .withPanel(
    series(
      'A round takes',
      [
        prom(
          'histogram_quantile(0.5, sum by (le, run) (rate(adf_fl_round_duration_seconds_bucket[$__range])))',
          '{{run}}',
        ),
      ],
      { unit: 's' },
    ),
  )
  .withPanel(
    series(
      'Updates',
      [
        prom('sum by (run) (rate(adf_fl_updates_received_total[$__rate_interval]))', '{{run}} received'),
        prom(
          or0('sum by (reason) (rate(adf_fl_updates_rejected_total[$__rate_interval]))'),
          'rejected {{reason}}',
        ),
      ],
      { unit: 'cps' },
    ),
  )
  .withPanel(
    series(
      'Requests refused',
      [prom(or0('sum by (reason) (rate(adf_fl_requests_refused_total[$__rate_interval]))'), '{{reason}}')],
      { unit: 'cps' },
    ),
  )
  .withPanel(series('Sites', [prom('sum by (state) (adf_fl_clients)', '{{state}}')]))
  .withRow(row('The sites'))
  .withPanel(
    series('Global version held', [
      prom('max by (instance, stream) (adf_fl_global_version)', '{{instance}} {{stream}}'),
    ]),
  )
  .withPanel(
    series(
      'Error on data held out',
      [prom('avg by (stream, weights) (adf_fl_held_out_loss)', '{{stream}} {{weights}}')],
      {
        description: 'Mean square error on normal vectors that nothing is trained on, in standard deviations',
      },
    ),
  )
  .withPanel(
    series(
      'Time spent on training',
      [prom('sum by (instance) (rate(adf_fl_training_cpu_seconds_total[$__range]))', '{{instance}}')],
      { unit: 'percentunit' },
    ),
  )
  .withPanel(
    series(
      'Exchanges that failed',
      [
        prom(
          or0('sum by (instance, reason) (rate(adf_fl_failures_total[$__rate_interval]))'),
          '{{instance}} {{reason}}',
        ),
      ],
      { unit: 'cps' },
    ),
  )
