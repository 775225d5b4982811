import { z } from 'zod'
import type { TemplateMiner } from '../miner.ts'
import type { Template } from '../template.ts'

const Saved = z.object({
  version: z.literal(1),
  templates: z.array(
    z
      .object({
        words: z.array(z.int32()),
        parts: z.array(z.string()),
        example: z.string(),
        hits: z.number().min(0),
      })
      .refine(({ words, parts }) => parts.length === 2 * words.length),
  ),
})

/** The templates of a service as bytes, in the order of their making. */
export function saveTemplates(templates: Iterable<Template>): Uint8Array {
  const saved: z.infer<typeof Saved> = {
    version: 1,
    templates: Array.from(templates, (template) => ({ ...template.form, hits: template.hits })),
  }
  return new TextEncoder().encode(JSON.stringify(saved))
}

/** Goes on with what was saved of a service. Throws, and changes nothing, when it cannot be read. */
export function restoreTemplates(miner: TemplateMiner, service: number, bytes: Uint8Array): void {
  const { templates } = Saved.parse(JSON.parse(new TextDecoder().decode(bytes)))
  for (const { hits, ...form } of templates) miner.adopt(service, form).hits = hits
}
