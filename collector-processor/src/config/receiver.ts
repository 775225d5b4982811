import { bytes, duration, listener } from '@adf/service'
import { z } from 'zod'

/** The section `receiver`. */
export const receiver = z
  .strictObject({
    grpc: listener(4317).meta({ description: 'OTLP over gRPC' }),
    http: listener(4318).meta({ description: 'OTLP over HTTP (protobuf and JSON)' }),
    max_request_size: bytes('64MiB').meta({ description: 'largest request, before and after decompression' }),
    max_in_flight: bytes('256MiB').meta({
      description:
        'bytes of requests, OTLP and events, being handled at once; past it clients are told to retry',
    }),
    max_wait: duration('2s', { min: '100ms' }).meta({
      description:
        'while there is more to do than can be done, requests that would wait longer for their answer are told to come again; senders give up after some seconds',
    }),
    request_timeout: duration('2m').meta({
      description: 'within so long a request must be there, to its last byte',
    }),
    max_connections: z.int().min(1).max(100_000).default(2048).meta({
      description: 'connections to each of the two listeners at once; further ones are closed and counted',
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
