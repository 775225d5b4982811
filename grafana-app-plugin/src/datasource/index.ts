export { answer } from './answer-question.ts'
export { type Kind, MAX_LIMIT, type Question, type Span } from './query.ts'
export { VARIABLES, type VariableKind, valuesOf } from './variables.ts'
