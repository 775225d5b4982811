/** Loaded with `--import` into every process that the demo starts: when the demo is gone, however it went, so is the process. */
process.on('disconnect', () => process.exit(0))
process.on('SIGTERM', () => process.exit(0))
