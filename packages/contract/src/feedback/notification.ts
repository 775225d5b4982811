import { z } from 'zod'

const Labels = z
  .record(z.string().max(1024), z.string().max(65_536))
  .refine((labels) => Object.keys(labels).length <= 256, { message: 'more than 256 of them' })

/** Of Alertmanager's `template.Data`. While it fires, `endsAt` is the year 1. */
export const NotifiedAlert = z
  .looseObject({
    status: z.enum(['firing', 'resolved']),
    labels: Labels,
    annotations: Labels.default({}),
    startsAt: z.iso.datetime({ offset: true }),
    endsAt: z.iso.datetime({ offset: true }).optional(),
    generatorURL: z.string().default(''),
    fingerprint: z
      .string()
      .regex(/^[0-9a-f]{16}$/)
      .meta({ description: 'FNV-1a-64 of the labels, in hex' }),
  })
  .meta({ id: 'NotifiedAlert' })

/**
 * `POST /webhook/alertmanager`: what Alertmanager posts (webhook version 4). Fields that are not listed are let be.
 *
 * @see https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 */
export const Notification = z
  .looseObject({
    version: z.literal('4'),
    groupKey: z.string().max(65_536),
    truncatedAlerts: z.int().min(0).default(0).meta({
      description: 'alerts of the group that were left out (`max_alerts`)',
    }),
    status: z.enum(['firing', 'resolved']),
    receiver: z.string().max(1024),
    groupLabels: Labels.default({}),
    commonLabels: Labels.default({}),
    commonAnnotations: Labels.default({}),
    externalURL: z.string().max(2048).default(''),
    alerts: z.array(NotifiedAlert).max(10_000),
  })
  .meta({ id: 'Notification' })
export type Notification = z.infer<typeof Notification>

export const NotificationReceipt = z
  .strictObject({
    alerts: z.int().min(0),
    news: z.int().min(0).meta({
      description:
        'of them, those that said something new; the others were known, from another replica or a repeat',
    }),
  })
  .meta({ id: 'NotificationReceipt' })
export type NotificationReceipt = z.infer<typeof NotificationReceipt>
