import { DataSourcePlugin } from '@grafana/data'
import { z } from 'zod'
import { AdfDataSource } from './datasource.ts'
import { LazyConfigEditor, LazyQueryEditor } from './editor/lazy.tsx'
import type { AdfQuery, AdfSourceOptions, AdfSourceSecrets } from './settings.ts'

// Compiled validators need eval, which a strict policy forbids.
z.config({ jitless: true })

export const plugin = new DataSourcePlugin<AdfDataSource, AdfQuery, AdfSourceOptions, AdfSourceSecrets>(
  AdfDataSource,
)
  .setQueryEditor(LazyQueryEditor)
  .setConfigEditor(LazyConfigEditor)
