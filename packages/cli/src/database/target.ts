import { type DatabasePlace, placeFaults, placeKeys, placeOf } from '@adf/service'
import { z } from 'zod'
import { UsageError } from '../output/failure.ts'

export interface TargetOptions {
  /** A file, or a URL of PostgreSQL. */
  readonly to: string
  readonly toSchema?: string
  readonly toPasswordFile?: string
  readonly toCaFile?: string
}

/** The place that the options of a command name. Throws UsageError. @param defaultSchema of the service */
export function targetOf(options: TargetOptions, defaultSchema: string): DatabasePlace {
  const isUrl = /^postgres(ql)?:/.test(options.to)
  const parsed = z
    .strictObject(placeKeys({ path: '', schema: defaultSchema }))
    .superRefine(placeFaults)
    .safeParse({
      ...(isUrl ? { url: options.to } : { path: options.to }),
      ...(options.toSchema !== undefined && { schema: options.toSchema }),
      ...(options.toPasswordFile !== undefined && { password_file: options.toPasswordFile }),
      ...(options.toCaFile !== undefined && { tls: { ca_file: options.toCaFile } }),
      ...(isUrl && options.toPasswordFile === undefined && passwordOfEnvironment()),
    })
  if (parsed.success) return placeOf(parsed.data, options.to)
  const faults = parsed.error.issues.map(
    ({ path, message }) => `${NAMES[String(path[0])] ?? '--to'}: ${message}`,
  )
  throw new UsageError(faults.join('\n'))
}

const NAMES: Readonly<Record<string, string>> = {
  schema: '--to-schema',
  password_file: '--to-password-file',
  tls: '--to-ca-file',
}

const passwordOfEnvironment = () => {
  const password = process.env['ADF_TO_PASSWORD']
  return password === undefined || password === '' ? {} : { password }
}
