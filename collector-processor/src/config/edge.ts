import { CLASSIFIER_NAMES, DETECTOR_NAMES } from '@adf/detectors'
import { duration, fault } from '@adf/service'
import { z } from 'zod'

const LEARNING_NAMES = [...DETECTOR_NAMES, 'autoencoder', 'lstm', 'tcn'] as const

/** The section `edge`. */
export const edge = z
  .strictObject({
    window: duration('10s', { min: '1s', max: '10m' }).meta({
      description: 'width of the sliding window of features from spans and logs',
    }),
    step: duration('1s', { min: '100ms', max: '1m' }).meta({ description: 'how often a window is scored' }),
    interval: duration('60s', { min: '1s', max: '10m' }).meta({
      description: 'interval at which host metrics arrive',
    }),
    max_lateness: duration('10s').meta({
      description: 'longest wait for late spans; the wait of each entity follows the delay that is seen',
    }),
    stale_after: duration('5m').meta({
      description: 'an entity that was silent for so long is forgotten by the windows',
    }),
    max_entities: z
      .int()
      .min(1)
      .default(20_000)
      .meta({ description: 'entities scored at once; further ones are counted and not scored' }),
    max_series: z.int().min(1000).default(500_000).meta({
      description: 'metric series followed at once; points of further ones are counted and ignored',
    }),
    model: z
      .strictObject({
        hidden_size: z.int().min(1).default(64).meta({ description: 'width of the layers of the `lstm`' }),
        num_layers: z.int().min(1).default(2).meta({ description: 'number of layers of the `lstm`' }),
      })
      .prefault({}),
    detection: z
      .strictObject({
        alerts_per_day: z.number().positive().max(1000).default(0.15).meta({
          description:
            'alerts of one entity that chance alone may make in a day: its threshold follows from it and from how often its vectors come',
        }),
        initial_threshold: z.number().min(0).max(1).optional().meta({
          description:
            'score from which a vector is anomalous, until the threshold of its entity is tuned; instead of `alerts_per_day`',
        }),
        settle: z.int().min(0).default(20).meta({
          description:
            'first vectors of a service or host that are left out: a process that has just started is slow',
        }),
        warm_up: z.int().min(10).default(200).meta({
          description: 'vectors of an entity that are learned, after `settle`, before the first is scored',
        }),
        refit_every: z
          .int()
          .min(10)
          .default(500)
          .meta({ description: 'vectors between two refits of the calibration' }),
        half_life: z
          .int()
          .min(100)
          .default(5000)
          .meta({ description: 'vectors after which what was learned weighs half' }),
        detectors: z
          .array(z.enum(['rules', ...LEARNING_NAMES]))
          .min(1)
          .default(['robust', 'ensemble', 'rules'])
          .meta({
            description:
              'detectors whose scores count; of those that learn, the first may make nine tenths of the false alarms',
          }),
        rerank: z
          .enum([...CLASSIFIER_NAMES, 'none'])
          .default('random-forest')
          .meta({
            description:
              "what learns from operators' verdicts which anomalies come first; it moves their scores, never under their thresholds",
          }),
        compare: z
          .array(z.enum(LEARNING_NAMES))
          .max(8)
          .default([])
          .meta({ description: 'detectors that run beside them, with metrics of their own and no say' }),
      })
      .prefault({}),
  })
  .superRefine(({ window, step, stale_after }, context) => {
    if (step > window) fault(context, ['step'], 'must not be longer than edge.window')
    if (stale_after < window) fault(context, ['stale_after'], 'must not be shorter than edge.window')
  })
  .prefault({})
