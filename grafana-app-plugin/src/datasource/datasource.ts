import { routes } from '@adf/contract'
import {
  type AnnotationSupport,
  type CoreApp,
  type DataQueryRequest,
  type DataQueryResponse,
  DataSourceApi,
  type DataSourceInstanceSettings,
  type MetricFindValue,
  type ScopedVars,
  type TestDataSourceResponse,
} from '@grafana/data'
import { getTemplateSrv } from '@grafana/runtime'
import { ask } from '../data/ask.ts'
import { AskError } from '../data/ask-error.ts'
import { sendThrough } from '../data/grafana-send.ts'
import type { Send } from '../data/send.ts'
import { answer } from './answer-question.ts'
import { Kind, type Question } from './query.ts'
import type { AdfQuery, AdfSourceOptions } from './settings.ts'
import { AdfVariables } from './variable-support.tsx'
import { type VariableQuery, valuesOf } from './variables.ts'

/** The data source ADF: questions to a processor, through Grafana's proxy for data sources. */
export class AdfDataSource extends DataSourceApi<AdfQuery, AdfSourceOptions> {
  readonly send: Send
  override variables = new AdfVariables(this)
  override annotations: AnnotationSupport<AdfQuery> = {
    getDefaultQuery: () => ({ kind: 'incidents' }),
    prepareQuery: ({ target }) => ({ refId: 'Anno', kind: 'incidents', ...target, annotations: true }),
  }

  constructor(settings: DataSourceInstanceSettings<AdfSourceOptions>) {
    super(settings)
    this.send = sendThrough(`${settings.url ?? ''}/`)
  }

  override getDefaultQuery(_: CoreApp): Partial<AdfQuery> {
    return { kind: 'incidents' }
  }

  override filterQuery(query: AdfQuery): boolean {
    return query.hide !== true && Kind.safeParse(query.kind).success
  }

  override getQueryDisplayText({ kind, stream, entity, service, incident }: AdfQuery): string {
    return [kind, stream, entity, service, incident]
      .filter((one) => one !== undefined && one !== '')
      .join(' ')
  }

  override async query(request: DataQueryRequest<AdfQuery>): Promise<DataQueryResponse> {
    const { range, targets, scopedVars } = request
    const span = { from: range.from.valueOf(), to: range.to.valueOf() }
    const answers = await Promise.all(
      targets
        .filter((target) => this.filterQuery(target))
        .map(async (target) => {
          const { refId } = target
          try {
            const frames = await answer(filledIn(target, scopedVars), {
              send: this.send,
              span,
              now: Date.now(),
            })
            return { data: frames.map((frame) => ({ ...frame, refId })), errors: [] }
          } catch (error) {
            return { data: [], errors: [{ refId, message: messageOf(error) }] }
          }
        }),
    )
    const errors = answers.flatMap((one) => one.errors)
    return { data: answers.flatMap(({ data }) => data), ...(errors.length > 0 && { errors }) }
  }

  override metricFindQuery(query: VariableQuery): Promise<MetricFindValue[]> {
    return valuesOf({ variable: query.variable, stream: replaced(query.stream, {}) }, this.send)
  }

  override async testDatasource(): Promise<TestDataSourceResponse> {
    try {
      const { version, incidents, entities } = await ask(this.send, routes.getStatus)
      const message = `ADF ${version} answers: ${entities.scored} of ${entities.total} entities are scored, ${incidents.open} incidents are open`
      return { status: 'success', message }
    } catch (error) {
      return { status: 'error', message: messageOf(error) }
    }
  }
}

const replaced = (text: string | undefined, scopedVars: ScopedVars): string =>
  text === undefined ? '' : getTemplateSrv().replace(text, scopedVars)

function filledIn(query: AdfQuery, scopedVars: ScopedVars): Question {
  const fill = (text: string | undefined) => replaced(text, scopedVars)
  return {
    kind: query.kind ?? 'incidents',
    stream: fill(query.stream),
    entity: fill(query.entity),
    service: fill(query.service),
    incident: fill(query.incident),
    minScore: fill(query.minScore),
    state: query.state,
    limit: query.limit,
    annotations: query.annotations,
  }
}

const ADVICE: Readonly<Partial<Record<AskError['kind'], string>>> = {
  unreachable:
    'the processor does not answer: is it running, and is the address in the settings of the data source right from where Grafana runs?',
  unauthenticated: 'the processor does not know the token in the settings of the data source',
  forbidden: 'the token in the settings of the data source lacks the scope read',
  not_understood: 'the processor and this plugin are of different versions',
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const advice = error instanceof AskError ? ADVICE[error.kind] : undefined
  return advice === undefined ? error.message : `${error.message} (${advice})`
}
