import { dashboard, number, prom, promVariable, series } from './parts.ts'

const of = 'model=~"$model"'
const rate = (metric: string) => `sum by (model) (rate(${metric}{${of}}[$__rate_interval]))`

export const detectors = dashboard(
  'adf-detectors',
  'ADF detectors',
  'Detectors side by side: latency, throughput, anomalies, what operators said of them, reconstruction error',
)
  .withVariable(promVariable('model', 'Detector', 'label_values(detector_latency_seconds_count, model)'))
  .withPanel(number('Detectors', 'count(count by (model) (detector_latency_seconds_count))'))
  .withPanel(number('Vectors scored', 'sum(adf_vectors_scored_total)', { span: 5 }))
  .withPanel(number('Anomalies', 'sum(adf_anomalies_detected_total)', { span: 5 }))
  .withPanel(number('Confirmed', 'sum(detector_true_positives_total)', { span: 5 }))
  .withPanel(number('Refuted', 'sum(detector_false_positives_total)', { span: 5 }))
  .withPanel(
    series(
      'Time for a vector (p50)',
      [
        prom(
          `histogram_quantile(0.5, sum by (le, model) (rate(detector_latency_seconds_bucket{${of}}[$__rate_interval])))`,
          '{{model}}',
        ),
      ],
      { unit: 's' },
    ),
  )
  .withPanel(
    series(
      'Time for a vector (p99)',
      [
        prom(
          `histogram_quantile(0.99, sum by (le, model) (rate(detector_latency_seconds_bucket{${of}}[$__rate_interval])))`,
          '{{model}}',
        ),
      ],
      { unit: 's' },
    ),
  )
  .withPanel(
    series('Throughput', [prom(`sum by (model) (detector_throughput_mps{${of}})`, '{{model}}')], {
      unit: 'cps',
      description: 'Feature vectors a second',
    }),
  )
  .withPanel(
    series('Vectors over the threshold', [prom(rate('detector_anomalies_total'), '{{model}}')], {
      unit: 'cps',
    }),
  )
  .withPanel(
    series('Confirmed by operators', [
      prom(`sum by (model) (detector_true_positives_total{${of}})`, '{{model}}'),
    ]),
  )
  .withPanel(
    series('Refuted by operators', [
      prom(`sum by (model) (detector_false_positives_total{${of}})`, '{{model}}'),
    ]),
  )
  .withPanel(
    series(
      'Reconstruction error',
      [prom(`avg by (model) (detector_reconstruction_error{${of}})`, '{{model}}')],
      {
        span: 24,
        description: 'Running mean of the square of what a detector did not foretell, in standard deviations',
      },
    ),
  )
