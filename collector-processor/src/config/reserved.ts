import { z } from 'zod'

const reserved = (text: string) => ({ reserved: true, description: text })

/** The section `federated`. */
export const federated = z
  .strictObject({
    coordinator: z
      .strictObject({
        num_rounds: z.int().min(1).default(100).meta(reserved('training rounds of one run')),
        min_clients_per_round: z.int().min(1).default(3).meta(reserved('updates that a round needs')),
      })
      .prefault({}),
    poisoning_detection: z
      .strictObject({ enabled: z.boolean().default(true).meta(reserved('reject poisoned updates')) })
      .prefault({}),
  })
  .prefault({})

/** The section `thresholding`. */
export const thresholding = z
  .strictObject({
    rl_tuner: z
      .strictObject({
        learning_rate: z
          .number()
          .gt(0)
          .max(1)
          .default(0.1)
          .meta(reserved('of the threshold tuner: set it in the configuration of the Alertmanager webhook')),
        epsilon: z
          .number()
          .min(0)
          .max(1)
          .default(0.1)
          .meta(
            reserved(
              'share of exploring steps of the threshold tuner: set it in the configuration of the Alertmanager webhook',
            ),
          ),
      })
      .prefault({}),
  })
  .prefault({})
