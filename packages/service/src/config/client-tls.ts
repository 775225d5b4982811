import { z } from 'zod'
import { tls } from './listener.ts'
import { fault } from './refinement.ts'

/** TLS towards a server: whom to trust, and what to show. */
export const clientTls = z
  .strictObject({
    ca_file: z.string().optional().meta({
      description: "PEM certificates that the server's must be signed by; the system's when left out",
    }),
    cert_file: tls.shape.cert_file
      .optional()
      .meta({ description: 'PEM certificate (chain) to show to the server (mTLS)' }),
    key_file: tls.shape.key_file.optional().meta({ description: 'PEM private key of `cert_file`' }),
  })
  .superRefine(({ cert_file, key_file }, context) => {
    if (cert_file !== undefined && key_file === undefined)
      fault(context, ['key_file'], 'is required with cert_file')
    if (key_file !== undefined && cert_file === undefined)
      fault(context, ['cert_file'], 'is required with key_file')
  })
