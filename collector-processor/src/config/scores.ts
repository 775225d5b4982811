import { duration } from '@adf/service'
import { z } from 'zod'

/** The section `scores`. */
export const scores = z
  .strictObject({
    retention: duration('8d', { min: '1h' }).meta({
      description:
        'age from which severities by the minute are deleted; they are told for eight days at once',
    }),
    save_interval: duration('5m', { min: '1s', max: '1h' }).meta({
      description: 'how often severities by the minute are stored; a crash loses as much of them at most',
    }),
  })
  .prefault({})
