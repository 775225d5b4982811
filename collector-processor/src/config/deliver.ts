import { bytes, clientTls, duration, fault, openUrl } from '@adf/service'
import { z } from 'zod'

/** The section `deliver`. */
export const deliver = z
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
    feedback: z
      .strictObject({
        url: openUrl('alerts carry it').optional().meta({
          description:
            'how people reach the Alertmanager webhook; with it alerts carry `useful_url` and `noise_url`, links that give a verdict by one click',
        }),
        secret: z.string().min(32).optional().meta({
          description: 'key that links are signed with, the same as `feedback.secret` of the webhook',
        }),
        secret_file: z.string().min(1).optional().meta({
          description: 'file that holds it, instead; a second line has the key before, while it is replaced',
        }),
        expires_after: duration('14d', { min: '1m', max: '365d' }).meta({
          description: 'age of an alert from which its links are no longer good',
        }),
      })
      .superRefine(({ url, secret, secret_file }, context) => {
        if (secret !== undefined && secret_file !== undefined)
          fault(context, ['secret_file'], 'cannot be together with secret')
        if (url !== undefined && secret === undefined && secret_file === undefined)
          fault(context, ['secret_file'], 'or secret is required with url: links are signed')
        if (url === undefined && (secret !== undefined || secret_file !== undefined))
          fault(context, ['url'], 'is required with a key: links lead there')
      })
      .prefault({})
      .meta({ description: 'one-click links in the annotations of alerts' }),
    external_url: openUrl('alerts carry it')
      .default('http://127.0.0.1:8080')
      .meta({ description: 'how people reach this ADF; in links of alerts' }),
    forward: z
      .array(
        z.strictObject({
          name: z.string().min(1),
          protocol: z.enum(['grpc', 'http']),
          endpoint: z.string().min(1).meta({ description: 'host:port for gRPC, base URL for HTTP' }),
          headers: z.record(z.string(), z.string()).default({}),
          tls: clientTls.optional(),
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
