import type { Component } from './component.ts'

/** What was opened before the lifecycle began, such as a store: closed in its turn. */
export const closing = (name: string, opened: { close(): Promise<void> }): Component => ({
  name,
  start: async () => {},
  stop: () => opened.close(),
})
