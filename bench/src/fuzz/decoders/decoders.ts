import { z } from 'zod'
import { measuredBy } from '../../speed/measured-process.ts'

export const DecodersResult = z.object({
  messages: z.number(),
  /** Anything thrown that is no refusal. */
  crashes: z.number(),
  /** Of the first few, what was thrown. */
  traces: z.array(z.string()),
  /** CPU time of the slowest message, all that it sets off included. */
  longestMs: z.number(),
  /** After each quarter of the messages and a full collection: what objects and buffers hold, and what is resident. */
  memory: z.array(z.object({ heldMb: z.number(), rssMb: z.number() })),
  cpuSeconds: z.number(),
  /** Messages by what became of them: `taken`, `partly`, or the kind of the refusal. */
  outcomes: z.record(z.string(), z.number()),
})
export type DecodersResult = z.infer<typeof DecodersResult>

/** Mutated OTLP messages at the decoders and what is behind them, in a process of its own. */
export async function fuzzDecoders(count: number, seed: number): Promise<DecodersResult> {
  const program = new URL('./main.ts', import.meta.url)
  return DecodersResult.parse(await measuredBy(program, [String(count), String(seed)]))
}
