import { z } from 'zod'

/** What is scored: a service instance or a host, named by OpenTelemetry resource attributes; for user-defined streams, by the event's key. */
export const Entity = z
  .strictObject({
    id: z.string().max(512).meta({
      description:
        'Stable name: `service.namespace/service.name/service.instance.id` (empty parts left out), `host.name`, or an event key',
      example: 'shop/checkout/checkout-1',
    }),
    kind: z.enum(['service', 'host', 'event']),
    namespace: z.string().optional().meta({ description: 'service.namespace' }),
    service: z.string().optional().meta({ description: 'service.name; the node of the causal graph' }),
    instance: z.string().optional().meta({ description: 'service.instance.id' }),
    host: z.string().optional().meta({ description: 'host.name' }),
  })
  .meta({ id: 'Entity' })
export type Entity = z.infer<typeof Entity>
