import { type ConfigRow, otherVariables } from '@adf/service'
import { markdownTable } from './table.ts'

/** docs/federation-configuration.md */
export const renderFederationConfiguration = (
  rows: readonly ConfigRow[],
): string => `# Configuration of the federation server

Made from the schema by \`npm run docs\`. A file of its own, for \`adf federation --config FILE\`; how values come from files, variables and
flags, and how they are written, is in [configuration.md](configuration.md). The keys under \`federated\` hold for all runs; a run may have its own
\`training\`, \`aggregation\`, \`optimiser\` and \`privacy\`, each as a whole. A run keeps stream, features, network and seed for good: a new model
is a run of another name.

${keyTables(rows)}`

/** docs/webhook-configuration.md */
export const renderWebhookConfiguration = (
  rows: readonly ConfigRow[],
): string => `# Configuration of the Alertmanager webhook

Made from the schema by \`npm run docs\`. A file of its own, for \`adf webhook --config FILE\` and \`adf up --webhook FILE\`; how values come from
files, variables and flags, and how they are written, is in [configuration.md](configuration.md).

${keyTables(rows)}`

/** docs/configuration.md */
export function renderConfiguration(rows: readonly ConfigRow[]): string {
  const variables = Object.entries(otherVariables).map(([name, meaning]) => [`\`${name}\``, meaning])
  return `# Configuration

Made from the schema by \`npm run docs\`; \`adf config docs\` prints the same. The federation server and
the Alertmanager webhook have configurations of their own: [federation-configuration.md](federation-configuration.md),
[webhook-configuration.md](webhook-configuration.md).

Every key has a default: an empty file is a good configuration. Values come from these places, and the later wins:

1. the defaults below
2. a YAML file: \`--config adf.yaml\`, or the variable \`ADF_CONFIG\`
3. variables: \`ADF_\` and the path in capitals, two underscores between its parts, as in
   \`ADF_EDGE__DETECTION__WARM_UP=300\`
4. flags: \`--set edge.detection.warm_up=300\`, as often as needed

Values of variables and flags are YAML: \`0.8\`, \`[robust, rules]\`, \`{checkout: 0.99}\`. Maps are merged key by key over
the places, lists are replaced whole. A key without a value counts as not set.

\`adf config check\` lists every fault at once, \`adf config print\` shows what is in effect, with credentials masked. Keys
and variables that do not exist are faults. A **reserved** key is named for a part that this version does not have: it
is accepted with a warning and has no effect.

Durations are written \`250ms\`, \`10s\`, \`5m\`, \`1h\`, \`30d\`; sizes \`512KiB\`, \`64MiB\`, \`1GiB\`. \`<name>\` stands for any
name, \`[]\` for each entry of a list.

Variables that are no keys:

${markdownTable(['Variable', 'Meaning'], variables)}

${keyTables(rows)}`
}

/** All keys, a table for each top-level section. */
export function keyTables(rows: readonly ConfigRow[]): string {
  const sections = Map.groupBy(rows, ({ path }) => /^[^.[]+/.exec(path)?.[0] ?? path)
  return [...sections].map(([name, keys]) => keyTable(name, keys)).join('\n')
}

function keyTable(name: string, rows: readonly ConfigRow[]): string {
  const about = rows.find(({ path, type }) => path === name && type === 'section')?.description
  const told = rows.filter(
    ({ path, type, description }) => type !== 'section' || (path !== name && description),
  )
  const table = markdownTable(
    ['Key', 'Type', 'Default', 'Meaning'],
    told.map((row) => [
      `\`${row.path}\``,
      row.type,
      row.required ? '(required)' : row.default && `\`${row.default}\``,
      row.reserved ? `**reserved**: ${row.description}` : row.description,
    ]),
  )
  return `## ${name}\n\n${about ? `${capital(about)}.\n\n` : ''}${table}\n`
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
