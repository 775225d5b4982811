import { CLASSIFIER_NAMES, DETECTOR_NAMES } from '@adf/detectors'
import { bytes, duration, listener, tls, tokens } from '@adf/service'
import { z } from 'zod'
import { streams } from './feature/streams.ts'

/** A fault between keys that are good by themselves. */
const fault = (context: z.core.$RefinementCtx, path: PropertyKey[], message: string) =>
  context.addIssue({ code: 'custom', path, message })

const LEARNING_NAMES = [...DETECTOR_NAMES, 'autoencoder', 'lstm', 'tcn'] as const

const reserved = (text: string) => ({ reserved: true, description: text })

const receiver = z
  .strictObject({
    grpc: listener(4317).meta({ description: 'OTLP over gRPC' }),
    http: listener(4318).meta({ description: 'OTLP over HTTP (protobuf and JSON)' }),
    max_request_size: bytes('64MiB').meta({ description: 'largest request, before and after decompression' }),
    max_in_flight: bytes('256MiB').meta({
      description:
        'bytes of requests, OTLP and events, being handled at once; past it clients are told to retry',
    }),
    request_timeout: duration('2m').meta({
      description: 'within so long a request must be there, to its last byte',
    }),
    max_strings: z.int().min(1000).default(100_000).meta({
      description:
        'distinct names kept (span names in at most half of the places, metric names, peers); further ones become (other)',
    }),
    max_resources: z.int().min(100).default(20_000).meta({
      description:
        'distinct resources kept at once; past that, those that have gone quiet make room, else further ones lose their instance',
    }),
    max_services: z.int().min(10).default(10_000).meta({
      description:
        'distinct services kept at once; past that, those that have gone quiet make room, else further ones become (other)',
    }),
    max_clock_skew: duration('10m').meta({
      description: 'telemetry further in the future than this is rejected from windows and counted',
    }),
  })
  .prefault({})

const edge = z
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

const graph = z
  .strictObject({
    pairing_window: duration('10s', { min: '1s', max: '5m' }).meta({
      description:
        'how long a span waits for its other half; a request that is sent again within it is not counted twice',
    }),
    max_pending_spans: z
      .int()
      .min(1000)
      .default(1_000_000)
      .meta({ description: 'spans that wait at once; the oldest is given up first' }),
    max_nodes: z.int().min(10).default(10_000),
    max_edges: z.int().min(10).default(100_000),
    max_operations: z
      .int()
      .min(1)
      .default(200)
      .meta({ description: 'operations kept for one service; further ones become (other)' }),
    half_life: duration('5m').meta({
      description: 'rates on edges and nodes halve in this time without calls',
    }),
    history: duration('30m').meta({
      description: 'how far back root-cause evidence looks for what is normal',
    }),
    slot: duration('5s').meta({ description: 'width of one sample of root-cause evidence' }),
    forget_after: duration('1h').meta({ description: 'a node or edge without calls for so long is dropped' }),
    snapshot_interval: duration('1m', { min: '1s' }).meta({
      description: 'how often the graph is stored, for the API to tell what it was',
    }),
    max_snapshots_size: bytes('512MiB').meta({
      description:
        'room for stored graphs, compressed; past it the oldest gives way, whatever `store.retention` says',
    }),
    config_keys: z.array(z.string().min(1)).max(20).default([]).meta({
      description: 'resource attributes, beside the known ones, whose change is a change of configuration',
    }),
  })
  .superRefine(({ pairing_window, forget_after, history, slot }, context) => {
    if (forget_after < pairing_window)
      fault(context, ['forget_after'], 'must not be shorter than graph.pairing_window')
    if (slot > history) fault(context, ['slot'], 'must not be longer than graph.history')
  })
  .prefault({})

const logs = z
  .strictObject({
    max_templates: z.int().min(100).default(50_000).meta({
      description: 'log templates kept in all; the least used make room for new ones',
    }),
    max_templates_per_service: z
      .int()
      .min(10)
      .default(500)
      .meta({ description: 'log templates kept for one service, likewise' }),
    max_transitions: z.int().min(100).default(100_000).meta({
      description: 'pairs of templates that follow each other within a span, likewise',
    }),
    max_exceptions: z
      .int()
      .min(10)
      .default(10_000)
      .meta({ description: 'types of exceptions, each of one service, likewise' }),
    max_open_spans: z.int().min(1000).default(131_072).meta({
      description:
        'spans whose last log record is remembered for the next one, rounded up to a power of two; a transition is lost when two of them fall on one place',
    }),
    max_line: bytes('4KiB').meta({ description: 'bytes of a log line that are read for its template' }),
  })
  .prefault({})

const incident = z
  .strictObject({
    open_after: z
      .int()
      .min(1)
      .default(2)
      .meta({ description: 'anomalous vectors of one entity in a row that open an incident' }),
    resolve_after: duration('2m').meta({
      description: 'an incident resolves after so long without a new anomaly',
    }),
    rank_window: duration('1m').meta({ description: 'how far before now the ranking looks, at most' }),
    max_open: z.int().min(1).default(200),
    max_anomalies: z
      .int()
      .min(1)
      .default(10_000)
      .meta({ description: 'anomalies held by one incident; later ones are counted only' }),
  })
  .prefault({})

const deliver = z
  .strictObject({
    alertmanager: z
      .strictObject({
        urls: z
          .array(z.url({ protocol: /^https?$/ }))
          .default([])
          .meta({ description: 'every Alertmanager of the cluster, such as http://127.0.0.1:9093' }),
        resend_interval: duration('1m'),
        timeout: duration('5s'),
        basic_auth: z.strictObject({ username: z.string(), password_file: z.string() }).optional(),
        bearer_token_file: z.string().optional(),
        labels: z
          .record(z.string(), z.string())
          .default({})
          .meta({ description: 'labels added to every alert' }),
      })
      .superRefine(({ basic_auth, bearer_token_file }, context) => {
        if (basic_auth !== undefined && bearer_token_file !== undefined)
          fault(
            context,
            ['bearer_token_file'],
            'cannot be together with basic_auth: a request has one credential',
          )
      })
      .prefault({}),
    external_url: z
      .url()
      .default('http://127.0.0.1:8080')
      .meta({ description: 'how people reach this ADF; in links of alerts' }),
    forward: z
      .array(
        z.strictObject({
          name: z.string().min(1),
          protocol: z.enum(['grpc', 'http']),
          endpoint: z.string().min(1).meta({ description: 'host:port for gRPC, base URL for HTTP' }),
          headers: z.record(z.string(), z.string()).default({}),
          tls: z
            .strictObject({
              ca_file: z.string().optional(),
              cert_file: tls.shape.cert_file.optional(),
              key_file: tls.shape.key_file.optional(),
            })
            .superRefine(({ cert_file, key_file }, context) => {
              if (cert_file !== undefined && key_file === undefined)
                fault(context, ['key_file'], 'is required with cert_file')
              if (key_file !== undefined && cert_file === undefined)
                fault(context, ['cert_file'], 'is required with key_file')
            })
            .optional(),
          compression: z.enum(['none', 'gzip']).default('none'),
          queue_size: bytes('64MiB').meta({
            description:
              'bytes that wait for this endpoint; past it the newest request is dropped and counted',
          }),
          max_elapsed: duration('5m').meta({
            description: 'a request is retried for so long, then dropped and counted',
          }),
          timeout: duration('10s', { min: '1ms' }).meta({
            description: 'bounds one attempt, from its begin to the last byte of the answer',
          }),
        }),
      )
      .default([])
      .superRefine((endpoints, context) => {
        for (const [at, { name }] of endpoints.entries())
          if (endpoints.findIndex((each) => each.name === name) < at)
            fault(context, [at, 'name'], `another endpoint is named ${name} already`)
      })
      .meta({ description: 'OTLP endpoints that get an untouched copy of all telemetry' }),
  })
  .prefault({})

const store = z
  .strictObject({
    path: z.string().default('.adf/adf.db').meta({ description: 'SQLite file; :memory: keeps nothing' }),
    retention: duration('30d').meta({
      description: 'age from which anomalies, incidents and verdicts are deleted',
    }),
    state_interval: duration('1m').meta({ description: 'how often learned state is saved' }),
  })
  .prefault({})

const auth = tokens(
  'bearer tokens; when there is one, every request needs one (but /health, /ready and /docs)',
)

const federation = z
  .strictObject({
    enabled: z
      .boolean()
      .default(false)
      .meta({ description: 'train the networks of streams together with other sites; no telemetry leaves' }),
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .meta({ description: 'of the federation server, such as https://federation.example:8081' }),
    name: z
      .string()
      .min(1)
      .max(128)
      .optional()
      .meta({ description: 'what people call this site; left out: the name of the host' }),
    token: z
      .string()
      .min(1)
      .max(256)
      .optional()
      .meta({ description: 'one-time token of an operator of the server, until this site is enrolled' }),
    token_file: z.string().optional().meta({ description: 'file that holds it, instead' }),
    streams: z
      .array(z.string().min(1).max(64))
      .max(64)
      .default([])
      .meta({ description: 'streams that take part; empty: all that have a network among their detectors' }),
    state: z.string().min(1).default('.adf/federation').meta({
      description: 'folder with the key of this site and what it holds of each run; for nobody else to read',
    }),
    cpu_budget: z
      .number()
      .gt(0)
      .max(1)
      .default(0.1)
      .meta({ description: 'share of one core that training for rounds may take' }),
    poll_interval: duration('30s', { min: '1s', max: '1h' }).meta({
      description: 'longest wait before the server is asked again',
    }),
    peers_file: z.string().min(1).optional().meta({
      description:
        'JSON file with the public keys of the other sites by client id, for rounds by secure aggregation; not from the server. Left out: no part in such rounds',
    }),
    personalise: z.boolean().default(true).meta({
      description:
        "fit the last layer of the global weights to this site's own data before they judge; that layer stays here",
    }),
    tls: z
      .strictObject({
        ca_file: z.string().optional(),
        cert_file: tls.shape.cert_file.optional(),
        key_file: tls.shape.key_file.optional(),
      })
      .optional(),
  })
  .superRefine(({ enabled, url, token, token_file, tls }, context) => {
    if (enabled && url === undefined) fault(context, ['url'], 'is required with federation.enabled')
    if (token !== undefined && token_file !== undefined)
      fault(context, ['token_file'], 'cannot be together with token')
    if ((tls?.cert_file === undefined) !== (tls?.key_file === undefined))
      fault(context, ['tls'], 'cert_file and key_file are required together')
  })
  .prefault({})

const federated = z
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

const thresholding = z
  .strictObject({
    rl_tuner: z
      .strictObject({
        learning_rate: z
          .number()
          .gt(0)
          .max(1)
          .default(0.1)
          .meta(reserved('learning rate of the threshold tuner')),
        epsilon: z
          .number()
          .min(0)
          .max(1)
          .default(0.1)
          .meta(reserved('share of exploring steps of the threshold tuner')),
      })
      .prefault({}),
  })
  .prefault({})

const slo = z
  .strictObject({
    objective: z.number().gt(0).lt(1).default(0.999).meta({
      description: 'share of requests that must succeed, for services without an objective of their own',
    }),
    services: z
      .record(z.string(), z.number().gt(0).lt(1))
      .default({})
      .meta({ description: 'objective by service' }),
  })
  .prefault({})

/** The processor's configuration. Keys marked reserved are named for parts that are not there yet: setting one gives a warning. */
export const Config = z
  .strictObject({
    log: z
      .strictObject({
        level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
        pretty: z.boolean().default(false),
      })
      .prefault({}),
    receiver,
    api: listener(8080).meta({ description: 'HTTP API, metrics and documentation' }),
    edge,
    streams,
    graph,
    logs,
    incident,
    deliver,
    store,
    auth,
    slo,
    federation,
    federated,
    thresholding,
    telemetry: z
      .strictObject({
        otlp_endpoint: z
          .url()
          .optional()
          .meta({ description: 'OTLP/gRPC endpoint for the traces of ADF itself; off when left out' }),
      })
      .prefault({}),
  })
  .superRefine(({ receiver, api, edge, incident }, context) => {
    const listeners = [
      ['receiver.grpc', receiver.grpc],
      ['receiver.http', receiver.http],
      ['api', api],
    ] as const
    for (const [at, [key, { host, port }]] of listeners.entries()) {
      const [other] =
        listeners.slice(0, at).find(([, one]) => port !== 0 && one.port === port && one.host === host) ?? []
      if (other !== undefined) fault(context, [...key.split('.'), 'port'], `is that of ${other} too`)
    }
    if (incident.resolve_after < edge.step)
      fault(context, ['incident', 'resolve_after'], 'must not be shorter than edge.step')
  })
export type Config = z.output<typeof Config>
