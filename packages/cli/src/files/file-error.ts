import { UsageError } from '../output/failure.ts'

/** A file that cannot be read as telemetry. The message names the file and, where known, the line. */
export class FileError extends UsageError {
  override name = 'FileError'

  constructor(path: string, line: number | undefined, what: string) {
    super(line === undefined ? `${path}: ${what}` : `${path}:${line}: ${what}`)
  }
}
