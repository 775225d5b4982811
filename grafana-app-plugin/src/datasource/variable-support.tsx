import {
  CustomVariableSupport,
  type DataQueryRequest,
  type DataQueryResponse,
  type QueryEditorProps,
} from '@grafana/data'
import type { ComponentType } from 'react'
import { from, map, type Observable } from 'rxjs'
import { LazyVariableEditor } from './editor/lazy.tsx'
import type { AdfQuery, AdfSource, AdfSourceOptions } from './settings.ts'
import type { VariableQuery } from './variables.ts'

/** Template variables: streams, entities, services, incidents. */
export class AdfVariables extends CustomVariableSupport<
  AdfSource,
  VariableQuery,
  AdfQuery,
  AdfSourceOptions
> {
  readonly #source: Pick<AdfSource, 'metricFindQuery'>
  override editor: ComponentType<QueryEditorProps<AdfSource, AdfQuery, AdfSourceOptions, VariableQuery>> =
    LazyVariableEditor

  constructor(source: Pick<AdfSource, 'metricFindQuery'>) {
    super()
    this.#source = source
  }

  override query({ targets: [query] }: DataQueryRequest<VariableQuery>): Observable<DataQueryResponse> {
    if (query === undefined) return from([{ data: [] }])
    return from(this.#source.metricFindQuery?.(query) ?? []).pipe(map((data) => ({ data })))
  }
}
