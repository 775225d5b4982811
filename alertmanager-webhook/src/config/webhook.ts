import { bytes, duration } from '@adf/service'
import { z } from 'zod'

/** The section `webhook`. */
export const webhook = z
  .strictObject({
    max_body: bytes('16MiB').meta({
      description: 'largest notification, decompressed; `max_alerts` of the receiver keeps it smaller',
    }),
    max_in_flight: z.int().min(1).max(10_000).default(200).meta({
      description: 'notifications that are read or stored at once; further ones are refused with 503',
    }),
    end_silent_after: duration('7d', { min: '1m' }).meta({
      description:
        'an alert that fires and of which nothing was heard for so long is over; longer than `repeat_interval` of Alertmanager',
    }),
  })
  .prefault({})
  .meta({ description: 'notifications of Alertmanager' })
