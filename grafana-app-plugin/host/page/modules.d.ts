declare const System: {
  set(id: string, module: object): void
  addImportMap(map: { imports: Record<string, string> }): void
  import(url: string): Promise<Record<string, unknown>>
}
declare module 'systemjs/dist/*'
/** Of version 5, as far as the page uses it. */
declare module 'react-router-dom' {
  import type { ReactNode } from 'react'
  export function Router(props: { history: object; children: ReactNode }): ReactNode
}
