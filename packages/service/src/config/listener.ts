import { z } from 'zod'
import { port } from './scalars.ts'

export const tls = z
  .strictObject({
    cert_file: z.string().meta({ description: 'PEM certificate (chain) of this server' }),
    key_file: z.string().meta({ description: 'PEM private key' }),
    client_ca_file: z
      .string()
      .optional()
      .meta({ description: 'PEM certificates that clients must be signed by (mTLS)' }),
  })
  .meta({ description: 'TLS of this listener; plain text when left out' })

/** Where a server listens. Beyond loopback it starts only with tokens or client certificates, or with `--insecure`. */
export const listener = (defaultPort: number) =>
  z
    .strictObject({
      host: z.string().default('127.0.0.1').meta({ description: 'address to listen on' }),
      port: port(defaultPort).meta({ description: 'TCP port; 0 takes a free one' }),
      tls: tls.optional(),
    })
    .prefault({})
export type Listener = z.output<ReturnType<typeof listener>>
