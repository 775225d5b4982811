import { readFile } from 'node:fs/promises'

export interface ClientTls {
  readonly ca?: Buffer
  readonly cert?: Buffer
  readonly key?: Buffer
}

/** Reads the PEM files of an endpoint. Rejects with the key and file that cannot be read. */
export async function readClientTls(
  files: { ca_file?: string | undefined; cert_file?: string | undefined; key_file?: string | undefined } = {},
): Promise<ClientTls> {
  const [ca, cert, key] = await Promise.all([
    read('ca_file', files.ca_file),
    read('cert_file', files.cert_file),
    read('key_file', files.key_file),
  ])
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }
}

async function read(name: string, file: string | undefined): Promise<Buffer | undefined> {
  if (file === undefined) return undefined
  try {
    return await readFile(file)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`deliver.forward tls.${name} ${file} cannot be read: ${reason}`, { cause: error })
  }
}
