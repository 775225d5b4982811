import { type DataFrame, type DataQuery, dateTimeFormat, FieldType, getDefaultTimeRange } from '@grafana/data'
import { useEffect, useState } from 'react'
import { useSearchParams } from 'react-router-dom-v5-compat'
import { Scrolling } from '../../src/app/scrolling.tsx'
import { PluginPage } from './plugin-page.tsx'
import { framesOf, loadSource, type Source } from './source.ts'

/** The data source ADF with its query editor, and its answers as tables: what Explore would show. `query` in the address is the first. */
export function SourcePage() {
  const [search] = useSearchParams()
  const [query, setQuery] = useState<DataQuery>(() => ({
    refId: 'A',
    ...JSON.parse(search.get('query') ?? '{}'),
  }))
  const [asked, setAsked] = useState(0)
  const [source, setSource] = useState<Source>()
  const [frames, setFrames] = useState<readonly DataFrame[]>([])
  const [fault, setFault] = useState<string>()

  useEffect(() => {
    loadSource().then(setSource, (error: unknown) => setFault(String(error)))
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is asked when the editor says so
  useEffect(() => {
    if (source === undefined) return
    // Answers do not always come in the order of the questions.
    let latest = true
    framesOf(source, [query], getDefaultTimeRange()).then(
      (answer) => {
        if (!latest) return
        setFrames(answer)
        setFault(undefined)
      },
      (error: unknown) => {
        if (latest) setFault(String(error))
      },
    )
    return () => {
      latest = false
    }
  }, [source, asked])

  const Editor = source?.plugin.components.QueryEditor
  return (
    <PluginPage pageNav={{ text: 'Data source ADF' }}>
      {source === undefined || Editor === undefined ? null : (
        <Editor
          datasource={source.api}
          query={query}
          onChange={setQuery}
          onRunQuery={() => setAsked((before) => before + 1)}
        />
      )}
      {fault === undefined ? null : <p role="alert">{fault}</p>}
      {frames.map((frame) => (
        <Rows key={frame.name} frame={frame} />
      ))}
    </PluginPage>
  )
}

const SHOWN = 50

function Rows({ frame: { name, fields, length } }: { frame: DataFrame }) {
  const cell = (value: unknown, type: FieldType) =>
    type === FieldType.time && typeof value === 'number' ? dateTimeFormat(value) : String(value ?? '')
  return (
    <Scrolling label={name ?? 'answer'}>
      <table style={{ borderCollapse: 'separate', borderSpacing: '12px 4px' }}>
        <caption>{`${name}: ${length}`}</caption>
        <thead>
          <tr>
            {fields.map((field) => (
              <th key={field.name} scope="col">
                {field.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: Math.min(length, SHOWN) }, (_, row) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a frame have no other name
            <tr key={row}>
              {fields.map(({ name: column, values, type }) => (
                <td key={column}>{cell(values[row], type)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Scrolling>
  )
}
