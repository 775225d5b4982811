import { BlockList, isIP } from 'node:net'
import type { TokenAuthority } from '../auth/tokens.ts'
import type { Listener } from '../config/listener.ts'
import { StartFault } from '../lifecycle/start-fault.ts'

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  const family = isIP(host)
  if (family === 0) return host === 'localhost'
  return loopback.check(host, family === 6 ? 'ipv6' : 'ipv4')
}

/** Throws a StartFault when the listener is open to strangers. */
export function assertSafeListener(
  name: string,
  listener: Listener,
  auth: TokenAuthority,
  insecure: boolean,
): void {
  const message = openToStrangers(listener, auth, insecure)
  if (message !== undefined) throw new StartFault(`${name} ${message}`)
}

/**
 * What is wrong when a listener would let strangers in: reachable from other machines, without tokens, without client
 * certificates, and not told to be insecure.
 */
export function openToStrangers(
  listener: Listener,
  auth: Pick<TokenAuthority, 'required'>,
  insecure: boolean,
): string | undefined {
  if (insecure || auth.required || isLoopback(listener.host)) return undefined
  if (listener.tls?.client_ca_file !== undefined) return undefined
  return (
    `would listen on ${listener.host}, open to everybody who can reach this machine. ` +
    'Either listen on 127.0.0.1, or configure auth.tokens (`adf token` makes one) or tls.client_ca_file ' +
    'of this listener, or pass --insecure if the network itself keeps strangers out.'
  )
}
