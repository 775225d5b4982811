import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import type { Listener } from '../config/listener.ts'

export interface TlsOptions {
  readonly cert: Buffer
  readonly key: Buffer
  /** Present when clients must show a certificate signed by one of these. */
  readonly ca?: Buffer
}

/** Reads the PEM files of a listener; undefined when it has no TLS. Rejects with the key, the file and what is wrong. */
export async function tlsOptions(listener: Listener): Promise<TlsOptions | undefined> {
  const { tls } = listener
  if (tls === undefined) return undefined
  const [cert, key, ca] = await Promise.all([
    read('tls.cert_file', tls.cert_file),
    read('tls.key_file', tls.key_file),
    tls.client_ca_file === undefined ? undefined : read('tls.client_ca_file', tls.client_ca_file),
  ])
  try {
    createSecureContext({ cert, key })
  } catch (error) {
    throw new Error(
      `tls.cert_file ${tls.cert_file} and tls.key_file ${tls.key_file} are not a certificate and its private key: ${text(error)}`,
      { cause: error },
    )
  }
  if (ca === undefined) return { cert, key }
  try {
    checkCertificates(ca)
  } catch (error) {
    throw new Error(
      `tls.client_ca_file ${tls.client_ca_file} holds something else than certificates: ${text(error)}`,
      {
        cause: error,
      },
    )
  }
  return { cert, key, ca }
}

// TLS itself passes over what it cannot read in a list of authorities, and would then let nobody in.
function checkCertificates(pem: Buffer): void {
  const blocks = pem.toString('latin1').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)
  if (blocks === null) throw new Error('no block BEGIN CERTIFICATE')
  for (const block of blocks) new X509Certificate(block)
}

async function read(name: string, file: string): Promise<Buffer> {
  try {
    const pem = await readFile(file)
    if (!pem.includes('-----BEGIN ')) throw new Error('not a PEM file')
    return pem
  } catch (error) {
    throw new Error(`${name} ${file} cannot be read: ${text(error)}`, { cause: error })
  }
}

const text = (error: unknown) => (error instanceof Error ? error.message : String(error))
