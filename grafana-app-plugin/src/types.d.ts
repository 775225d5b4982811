/** The AMD loader's word on the module that it loads. */
declare module 'amd-module' {
  const module: { readonly uri?: string } | undefined
  export default module
}

declare module '*.css' {
  const text: string
  export default text
}
