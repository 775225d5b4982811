import { z } from 'zod'

export const RunName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/)
  .meta({ id: 'RunName', description: 'name of a run, in a URL as it is', example: 'service-lstm' })
export const ClientId = z.string().min(1).max(64).meta({ id: 'ClientId', example: '0199f8a2-…' })
/** SHA-256, in hexadecimal. */
export const Sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .meta({ id: 'Sha256' })
/** Versions of the global weights; 0 is what a run begins with. */
export const Version = z.int().min(0).meta({ id: 'Version' })
export const RoundNumber = z.int().min(1).meta({ id: 'RoundNumber' })
export const PublicKey = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/)
  .meta({ id: 'PublicKey', description: 'Ed25519 (RFC 8032), 32 bytes in base64url without padding' })
