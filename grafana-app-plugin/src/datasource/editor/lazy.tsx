import type { DataSourcePluginOptionsEditorProps, QueryEditorProps } from '@grafana/data'
import { initPluginTranslations } from '@grafana/i18n'
import { type ComponentType, lazy, Suspense } from 'react'
import type { AdfQuery, AdfSource, AdfSourceOptions, AdfSourceSecrets } from '../settings.ts'
import type { VariableQuery } from '../variables.ts'

/** Editors are seldom opened: they come with their texts when they are. */
function later<Props extends object>(load: () => Promise<{ default: ComponentType<Props> }>) {
  const Editor = lazy<ComponentType<Props>>(async () => {
    const [editor] = await Promise.all([load(), initPluginTranslations('adf-datasource')])
    return editor
  })
  return (props: Props) => (
    <Suspense fallback={null}>
      <Editor {...props} />
    </Suspense>
  )
}

type VariableEditorProps = QueryEditorProps<AdfSource, AdfQuery, AdfSourceOptions, VariableQuery>

export const LazyQueryEditor = later<QueryEditorProps<AdfSource, AdfQuery, AdfSourceOptions>>(
  () => import('./query-editor.tsx'),
)
export const LazyConfigEditor = later<DataSourcePluginOptionsEditorProps<AdfSourceOptions, AdfSourceSecrets>>(
  () => import('./config-editor.tsx'),
)
export const LazyVariableEditor: ComponentType<VariableEditorProps> = later<VariableEditorProps>(
  () => import('./variable-editor.tsx'),
)
