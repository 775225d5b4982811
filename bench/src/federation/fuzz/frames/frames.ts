import { z } from 'zod'
import { measuredBy } from '../../../speed/measured-process.ts'

export const FramesResult = z.object({
  frames: z.number(),
  /** Anything thrown that is no UpdateError. */
  crashes: z.number(),
  /** Accepted with values that are not finite, or not as many. */
  notFinite: z.number(),
  longestMs: z.number(),
  /** Resident, after the warm-up and in the end, each after a full collection. */
  beforeMb: z.number(),
  afterMb: z.number(),
  /** Frames by what became of them: `accepted`, or the code of the error. */
  outcomes: z.record(z.string(), z.number()),
})
export type FramesResult = z.infer<typeof FramesResult>

/** Mutated frames at the decoder of updates, in a process of its own. */
export async function fuzzFrames(count: number, seed: number): Promise<FramesResult> {
  const program = new URL('./main.ts', import.meta.url)
  return FramesResult.parse(await measuredBy(program, [String(count), String(seed)]))
}
