import { readFile } from 'node:fs/promises'
import { StartFault } from '@adf/service'

export interface ClientTls {
  readonly ca?: Buffer
  readonly cert?: Buffer
  readonly key?: Buffer
}

interface ClientTlsFiles {
  readonly ca_file?: string | undefined
  readonly cert_file?: string | undefined
  readonly key_file?: string | undefined
}

/** Reads the PEM files of an endpoint. Rejects with a StartFault: the key and file that cannot be read. @param section of the configuration */
export async function readClientTls(section: string, files: ClientTlsFiles = {}): Promise<ClientTls> {
  const { read, faults } = await readAll(files)
  const [first] = faults
  if (first !== undefined) throw new StartFault(`${section} tls.${first.key} ${first.message}`)
  return read
}

/** The PEM files of an endpoint that cannot be read. */
export async function clientTlsFaults(files: ClientTlsFiles = {}) {
  return (await readAll(files)).faults
}

async function readAll({ ca_file, cert_file, key_file }: ClientTlsFiles) {
  const faults: { key: keyof ClientTlsFiles; message: string }[] = []
  const read = async (key: keyof ClientTlsFiles, file: string | undefined) => {
    if (file === undefined) return undefined
    try {
      return await readFile(file)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      faults.push({ key, message: `${file} cannot be read: ${reason}` })
      return undefined
    }
  }
  // One after the other, so that two faults are always told in the same order.
  const ca = await read('ca_file', ca_file)
  const cert = await read('cert_file', cert_file)
  const key = await read('key_file', key_file)
  return { read: { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }, faults }
}
