import { bytes, clientTls, duration, fault } from '@adf/service'
import { z } from 'zod'

/** Kafka's own rule (org.apache.kafka.common.internals.Topic). */
const topic = () => z.string().regex(/^$|^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}$/, 'is no name of a topic')

const sasl = z
  .strictObject({
    mechanism: z.enum(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']),
    username: z.string().min(1),
    password: z.string().min(1).optional().meta({ description: 'of the user' }),
    password_file: z.string().min(1).optional().meta({
      description: 'file that holds it, instead; read again for each connection',
    }),
  })
  .superRefine(({ password, password_file }, context) => {
    if ((password === undefined) === (password_file === undefined))
      fault(
        context,
        ['password_file'],
        password === undefined ? 'or password is required' : 'cannot be together with password',
      )
  })

/** The section `kafka`. */
export const kafka = z
  .strictObject({
    brokers: z
      .array(z.string().regex(/^(\[[0-9a-fA-F:]+\]|[^\s:/]+):\d{1,5}$/, 'must be host:port'))
      .max(64)
      .default([])
      .meta({
        description: 'brokers to begin with, as host:port; empty: no Kafka. Version 4.0 or later is needed',
      }),
    client_id: z.string().regex(/^\S+$/).max(200).default('adf').meta({
      description: 'how the brokers name this client in their logs and quotas',
    }),
    group_id: z.string().regex(/^\S+$/).max(200).default('adf').meta({ description: 'consumer group' }),
    member: z
      .string()
      .regex(/^[a-zA-Z0-9._-]{1,100}$/, 'expected letters, digits, . _ and -, 100 at most')
      .optional()
      .meta({
        description:
          'name of this processor among those that share `group_id` and a schema of PostgreSQL, each by a name of its own; left out: it is alone',
      }),
    sasl: sasl.optional().meta({ description: 'who this client is; nobody in particular when left out' }),
    tls: clientTls.optional().meta({
      description: "TLS towards the brokers; plain text when left out, `{}` trusts the system's certificates",
    }),
    topics: z
      .strictObject({
        spans: topic().default('otlp_spans').meta({ description: 'OTLP traces; empty: not read' }),
        metrics: topic().default('otlp_metrics').meta({ description: 'OTLP metrics; empty: not read' }),
        logs: topic().default('otlp_logs').meta({ description: 'OTLP logs; empty: not read' }),
        edges: topic().default('adf.edges').meta({
          description:
            'members: topic of one partition in which they tell each other what their spans and logs add to graph, evidence and windows; read and written while `kafka.topics.spans` or `kafka.topics.logs` is read',
        }),
        dead_letters: topic().default('adf.dead-letters').meta({
          description: 'where messages go that cannot be read; empty: they are only counted',
        }),
      })
      .prefault({}),
    events: z
      .array(
        z.strictObject({
          topic: topic().min(1),
          stream: z.string().min(1).optional().meta({
            description:
              'stream that the JSON events are of; left out: each message says it, in its header `stream` or its field `stream`',
          }),
        }),
      )
      .max(64)
      .default([{ topic: 'adf.events' }])
      .meta({ description: 'topics with JSON events of streams of kind `event`' }),
    publish: z
      .strictObject({
        anomalies: topic().default('').meta({
          description: 'topic that anomalies are published to, such as adf.anomalies; empty: none',
        }),
        verdicts: topic().default('').meta({
          description: 'topic that verdicts are published to, such as adf.verdicts; empty: none',
        }),
      })
      .prefault({}),
    max_delay: duration('5m', { min: '1s', max: '1h' }).meta({
      description:
        'how far the time of windows may stay behind the clock while a backlog is read or no broker answers; what is older is late',
    }),
    max_buffered: bytes('64MiB').meta({
      description: 'bytes of messages that are read ahead; past it nothing more is fetched',
    }),
    max_dead_letters: z.int().min(1).max(100_000).default(1000).meta({
      description: 'messages that wait for the topic of dead letters; past it nothing more is read',
    }),
  })
  .superRefine(({ topics, events, publish }, context) => {
    const named = new Map<string, string>()
    const once = (name: string, path: (string | number)[]) => {
      const before = named.get(name)
      if (name !== '' && before !== undefined) fault(context, path, `is that of ${before} too`)
      named.set(name, `kafka.${path.join('.')}`)
    }
    for (const [key, name] of Object.entries(topics)) once(name, ['topics', key])
    for (const [key, name] of Object.entries(publish)) once(name, ['publish', key])
    for (const [at, { topic }] of events.entries()) once(topic, ['events', at, 'topic'])
  })
  .prefault({})
