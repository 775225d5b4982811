/** A line of a sample: the statement that wrote it, and the template that it was given. */
export interface Judged {
  readonly statement: string
  readonly template: string
}

export interface Grouping {
  /** Share of lines whose template holds all lines of their statement and no others (Zhu et al., ICSE-SEIP 2019). */
  readonly ga: number
  /** Share of statements that have one template. */
  readonly whole: number
  /** Share of templates that hold one statement. */
  readonly pure: number
}

/** How well templates group lines as their statements do. Order and names of templates mean nothing. */
export function judgeGrouping(lines: readonly Judged[]): Grouping {
  const statements = Map.groupBy(lines, ({ statement }) => statement)
  const templates = Map.groupBy(lines, ({ template }) => template)
  const one = (values: readonly string[]) => new Set(values).size === 1
  const whole = [...statements.values()].filter((group) => one(group.map(({ template }) => template)))
  const pure = [...templates.values()].filter((group) => one(group.map(({ statement }) => statement)))
  const right = whole.filter(
    ([first, ...rest]) => first !== undefined && templates.get(first.template)?.length === rest.length + 1,
  )
  return {
    ga: right.reduce((sum, { length }) => sum + length, 0) / lines.length,
    whole: whole.length / statements.size,
    pure: pure.length / templates.size,
  }
}
