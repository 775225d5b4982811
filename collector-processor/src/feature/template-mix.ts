/** Templates told apart in one window; records of further ones count under 0, as those without a template do. */
const MAX_TEMPLATES = 256

/** Log records by template: a sketch that can be merged, and taken apart again. */
export class TemplateMix {
  readonly counts = new Map<number, number>()

  add(template: number, records = 1): void {
    const known = this.counts.get(template)
    if (known !== undefined) this.counts.set(template, known + records)
    else if (this.counts.size < MAX_TEMPLATES || template === 0) this.counts.set(template, records)
    else this.add(0, records)
  }

  merge(other: TemplateMix): void {
    for (const [template, records] of other.counts) this.add(template, records)
  }

  /** Takes away what was merged before. */
  subtract(other: TemplateMix): void {
    for (const [template, records] of other.counts) {
      // what found no room when it was merged is under 0
      const key = this.counts.has(template) ? template : 0
      const left = (this.counts.get(key) ?? 0) - records
      if (left > 0) this.counts.set(key, left)
      else this.counts.delete(key)
    }
  }

  clear(): void {
    this.counts.clear()
  }
}
