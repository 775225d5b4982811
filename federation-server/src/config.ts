import { SERVICE_FEATURES } from '@adf/contract'
import {
  bytes,
  duration,
  fault,
  listener,
  logging,
  placeFaults,
  placeKeys,
  tokens,
  tracing,
} from '@adf/service'
import { z } from 'zod'
import { aggregation, optimiser } from './round/rules.ts'
import { secureFaults } from './round/secure/faults.ts'

const training = z.strictObject({
  epochs: z.int().min(1).max(1000).default(1).meta({ description: 'passes over the local data in a round' }),
  batch_size: z.int().min(1).max(4096).default(32).meta({ description: 'vectors between two steps' }),
  learning_rate: z
    .number()
    .positive()
    .max(1)
    .default(0.001)
    .meta({ description: 'of the optimiser on clients' }),
  proximal: z.number().min(0).max(100).default(0.01).meta({
    description: 'μ of FedProx: how strongly clients are held near the global weights; 0 is FedAvg',
  }),
})

const privacy = z
  .strictObject({
    clip_norm: z.number().positive().meta({ description: 'clients shorten their updates to this norm' }),
    noise_multiplier: z
      .number()
      .positive()
      .meta({ description: 'deviation of the noise that clients add to each value, in clip_norm' }),
    delta: z.number().gt(0).lt(1).default(1e-5).meta({ description: 'δ for which ε is shown' }),
  })
  .meta({ description: 'differential privacy on the clients; left out: no noise' })

const coordinator = z.strictObject({
  num_rounds: z.int().min(1).max(1_000_000).default(100).meta({ description: 'rounds that a run commits' }),
  min_clients_per_round: z
    .int()
    .min(1)
    .max(100_000)
    .default(3)
    .meta({ description: 'clients that a round begins with, and updates that it needs' }),
  round_deadline: duration('10m', { min: '100ms' }).meta({
    description:
      'a round that is collecting goes on with what is there, or is abandoned when that is too little',
  }),
  mode: z.enum(['synchronous', 'asynchronous']).default('synchronous').meta({
    description: '`asynchronous`: no selection, a round ends when `buffer_size` updates are there (FedBuff)',
  }),
  buffer_size: z.int().min(1).default(10).meta({ description: 'updates of an asynchronous round' }),
  quorum: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .meta({ description: 'share of the selected clients whose updates end a round before its deadline' }),
  selection: z
    .strictObject({
      fraction: z.number().gt(0).max(1).default(1).meta({ description: 'share of the present clients' }),
      count: z.int().min(1).optional().meta({ description: 'at most so many' }),
    })
    .prefault({})
    .meta({ description: 'which clients a round asks, at random; never fewer than min_clients_per_round' }),
  gather: duration('5s').meta({
    description: 'a round waits until no further client came for so long, at most twelve times as long',
  }),
  presence: duration('3m', { min: '1s' }).meta({
    description: 'a client that asked for no work for so long is not selected',
  }),
  staleness_limit: z
    .int()
    .min(0)
    .max(1000)
    .default(4)
    .meta({ description: 'versions that an update may be behind; it counts for 1/(1+√τ)' }),
  history: z
    .int()
    .min(1)
    .max(1000)
    .default(16)
    .meta({ description: 'versions of the weights that are kept' }),
  max_norm_ratio: z.number().positive().default(10).meta({
    description: 'an update is refused that is longer than this many times the global weights',
  }),
})

const quantisation = z.strictObject({
  up_first: z
    .number()
    .min(0.0625)
    .max(15)
    .default(1)
    .meta({ description: 'step of updates in the first rounds' }),
  up_first_rounds: z.int().min(0).default(20).meta({ description: 'how many rounds these are' }),
  up: z.number().min(0.0625).max(15).default(2.75).meta({ description: 'step of updates after that' }),
  down: z.number().min(0.0625).max(15).default(2.5).meta({ description: 'step of what clients get' }),
})

const poisoning = z.strictObject({
  enabled: z.boolean().default(true).meta({ description: 'hold back updates that look poisoned' }),
  quarantine_limit: z.int().min(1).max(100_000).default(1000).meta({
    description: 'updates of a run that wait for a review at most; past it the oldest is rejected',
  }),
})

const masking = z
  .strictObject({
    threshold: z.number().gt(0.5).max(1).default(0.66).meta({
      description:
        'share of the selected clients that must last to the end, and that as many may not fall silent; at least min_clients_per_round',
    }),
    clip: z.number().min(1e-30).max(1e30).optional().meta({
      description:
        'values of updates beyond ± this are cut to it; left out: 1, with privacy its clip_norm and 8 deviations',
    }),
    sample_cap: z.int().min(1).max(1_000_000).default(100_000).meta({
      description: 'samples that a client counts for at most, which nobody can check; with privacy 1',
    }),
    phase_deadline: duration('1m', { min: '100ms' }).meta({
      description:
        'of each phase after the first, which has round_deadline: who is silent then has dropped out',
    }),
  })
  .meta({ description: 'rounds with secure_aggregation' })

const run = z
  .strictObject({
    stream: z.string().min(1).max(64).default('service').meta({ description: 'stream of the processors' }),
    features: z
      .array(z.string().min(1).max(128))
      .min(1)
      .max(4096)
      .default([...SERVICE_FEATURES])
      .meta({ description: 'its features, in order; a processor takes part only when it has them all' }),
    kind: z.enum(['lstm', 'autoencoder', 'tcn']).default('lstm').meta({ description: 'kind of network' }),
    hidden_size: z.int().min(1).max(4096).default(64).meta({
      description: 'width of the layers of an lstm, the channels of a tcn',
    }),
    num_layers: z.int().min(1).max(32).default(2).meta({ description: 'layers of an lstm, blocks of a tcn' }),
    seed: z.int().min(0).max(0xffff_ffff).default(1).meta({ description: 'of the initial weights' }),
    num_rounds: z
      .int()
      .min(1)
      .max(1_000_000)
      .optional()
      .meta({ description: 'instead of that of coordinator' }),
    min_clients_per_round: z
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .meta({ description: 'instead of that of coordinator' }),
    training: training.optional().meta({ description: 'instead of federated.training, as a whole' }),
    aggregation: aggregation.optional().meta({ description: 'instead of federated.aggregation, as a whole' }),
    optimiser: optimiser.optional().meta({ description: 'instead of federated.optimiser, as a whole' }),
    privacy: privacy.optional(),
  })
  .meta({ description: 'a run: one model for one stream' })

const federated = z
  .strictObject({
    coordinator: coordinator.prefault({}),
    training: training.prefault({}),
    aggregation: aggregation.prefault({}),
    optimiser: optimiser.prefault({}),
    quantisation: quantisation.prefault({}),
    privacy: privacy.optional(),
    poisoning_detection: poisoning.prefault({}),
    secure_aggregation: z.boolean().default(false).meta({
      description:
        'the server sees only the mean of the updates; needs the rule fed_avg without pre-steps and no poisoning detection',
    }),
    masking: masking.prefault({}),
    runs: z
      .record(
        z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'must be lower-case letters, digits, - and _'),
        run,
      )
      .refine((runs) => Object.keys(runs).length > 0, 'must name a run, or be left out')
      .prefault({ 'service-lstm': {} })
      .meta({ description: 'runs by name' }),
  })
  .superRefine(
    ({ coordinator: { staleness_limit, history, mode, buffer_size, min_clients_per_round } }, context) => {
      if (staleness_limit > history)
        fault(context, ['coordinator', 'staleness_limit'], 'must not be above coordinator.history')
      if (mode === 'asynchronous' && buffer_size < min_clients_per_round)
        fault(context, ['coordinator', 'buffer_size'], 'must not be below coordinator.min_clients_per_round')
    },
  )
  .superRefine((federated, context) => {
    if (!federated.secure_aggregation) return
    for (const { path, message } of secureFaults(federated)) fault(context, path, message)
  })
  .prefault({})

const clients = z
  .strictObject({
    sample_cap: z.int().min(1).default(100_000).meta({
      description: 'samples that an update counts for at most, where the invitation says nothing',
    }),
    invitation_validity: duration('7d', { min: '1s' }).meta({
      description: 'how long an invitation is good for, where it says nothing',
    }),
    signature_window: duration('5m', { min: '1s', max: '1h' }).meta({
      description:
        'how far the time of a signature may be from the clock here; nonces are remembered twice as long',
    }),
    requests_per_second: z.number().positive().default(20).meta({ description: 'of one client, on average' }),
    burst: z.int().min(1).default(100).meta({ description: 'of one client, at once' }),
    max_waiting: z.int().min(0).default(5000).meta({
      description:
        'polls that are held back at once, four of one client; further ones are answered and told when to come again',
    }),
    max_clients: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(10_000)
      .meta({ description: 'clients enrolled at most' }),
    max_update_size: bytes('64MiB').meta({
      description: 'largest body of an update, whatever the model; a model allows what it needs',
    }),
  })
  .prefault({})
  .meta({ description: 'enrolled clients' })

/** Of the store, when the configuration names no place. */
export const DEFAULT_PATH = '.adf/federation.db'

/** The federation server's configuration. */
export const Config = z.strictObject({
  log: logging,
  api: listener(8081).meta({ description: 'protocol, API, metrics and documentation' }),
  store: z
    .strictObject({
      ...placeKeys({ path: DEFAULT_PATH, schema: 'adf_federation' }),
    })
    .superRefine(placeFaults)
    .prefault({}),
  lease: duration('10s', { min: '200ms', max: '10m' }).meta({
    description: 'of several servers on one database one drives the rounds; another takes over after so long',
  }),
  auth: tokens(
    'bearer tokens of operators; when there is one, every request needs one, but for /health, /ready, /docs and those that clients sign',
  ),
  clients,
  federated,
  telemetry: tracing,
})
export type Config = z.output<typeof Config>
export type RunConfig = Config['federated']['runs'][string]
