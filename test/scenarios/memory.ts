import type { RunningAdf } from '../harness/adf.ts'

const MIB = 2 ** 20

/** Runs `work` and resolves to the most resident memory that the server had meanwhile beyond what it had before, in MiB. */
export async function growth(adf: RunningAdf, work: () => Promise<unknown>): Promise<number> {
  const before = await resident(adf)
  let most = before
  let done = false
  const watch = async () => {
    while (!done) most = Math.max(most, await resident(adf))
  }
  const watching = watch()
  try {
    await work()
  } finally {
    done = true
    await watching
  }
  return (Math.max(most, await resident(adf)) - before) / MIB
}

const resident = (adf: RunningAdf) => adf.metric('process_resident_memory_bytes')
