export { isBuilt } from './server/built.ts'
export { type Console, type ConsoleOptions, createConsole } from './server/console.ts'
export type { Role } from './server/plugin-json.ts'
