import { createHash, randomBytes } from 'node:crypto'

/** A new one-time token (256 bits). The server keeps its hash. */
export const newInvitationToken = (): string => `adf_invite_${randomBytes(32).toString('base64url')}`

export const tokenHash = (token: string): string => createHash('sha256').update(token).digest('hex')
