import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import type { Listener } from '../config/listener.ts'
import { StartFault } from '../lifecycle/start-fault.ts'

export interface TlsOptions {
  readonly cert: Buffer
  readonly key: Buffer
  /** Present when clients must show a certificate signed by one of these. */
  readonly ca?: Buffer
}

/** A file of a listener's TLS that cannot be used. */
export interface TlsFault {
  readonly key: 'cert_file' | 'key_file' | 'client_ca_file'
  readonly message: string
}

/** Reads the PEM files of a listener; undefined when it has no TLS. Rejects with a StartFault: the key, the file and what is wrong. */
export async function tlsOptions(listener: Listener): Promise<TlsOptions | undefined> {
  const { options, faults } = await readTls(listener)
  const [first] = faults
  if (first !== undefined) throw new StartFault(`tls.${first.key} ${first.message}`)
  return options
}

/** What is wrong with the PEM files of a listener: every fault. */
export async function tlsFaults(listener: Listener): Promise<readonly TlsFault[]> {
  return (await readTls(listener)).faults
}

async function readTls({ tls }: Listener): Promise<{ options: TlsOptions | undefined; faults: TlsFault[] }> {
  const faults: TlsFault[] = []
  if (tls === undefined) return { options: undefined, faults }
  const fault = (key: TlsFault['key'], message: string) => {
    faults.push({ key, message })
    return undefined
  }
  const read = (key: TlsFault['key'], file: string) =>
    readPem(file).catch((error: unknown) => fault(key, `${file} cannot be read: ${text(error)}`))
  const { cert_file, key_file, client_ca_file } = tls
  // One after the other: faults come in the order of the keys.
  const cert = await read('cert_file', cert_file)
  const key = await read('key_file', key_file)
  const ca = client_ca_file === undefined ? undefined : await read('client_ca_file', client_ca_file)
  if (cert !== undefined && key !== undefined) {
    try {
      createSecureContext({ cert, key })
    } catch (error) {
      const what = 'are not a certificate and its private key'
      fault('cert_file', `${cert_file} and tls.key_file ${key_file} ${what}: ${text(error)}`)
    }
  }
  if (ca !== undefined) {
    try {
      checkCertificates(ca)
    } catch (error) {
      fault('client_ca_file', `${client_ca_file} holds something else than certificates: ${text(error)}`)
    }
  }
  const options = cert && key && { cert, key, ...(ca && { ca }) }
  return { options, faults }
}

// TLS itself passes over what it cannot read in a list of authorities, and would then let nobody in.
function checkCertificates(pem: Buffer): void {
  const blocks = pem.toString('latin1').match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)
  if (blocks === null) throw new Error('no block BEGIN CERTIFICATE')
  for (const block of blocks) new X509Certificate(block)
}

async function readPem(file: string): Promise<Buffer> {
  const pem = await readFile(file)
  if (!pem.includes('-----BEGIN ')) throw new Error('not a PEM file')
  return pem
}

const text = (error: unknown) => (error instanceof Error ? error.message : String(error))
