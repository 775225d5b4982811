import { collector } from './collector.ts'

// A program of its own: the build blocks for minutes, which a test worker may not.
collector((text) => process.stderr.write(`${text}\n`))
