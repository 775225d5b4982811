import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Artefact } from './artefact.ts'

/** What is said of this version in the changelog; of what is not released yet where it has no section of its own. */
export const notes: Artefact = {
  name: 'notes',
  reproducible: true,
  make({ root, out, manifests }) {
    const { version } = manifests.root
    const changelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8')
    const text = sectionOf(changelog, version) ?? sectionOf(changelog, 'Unreleased')
    if (text === undefined || text === '')
      throw new Error(
        `CHANGELOG.md has neither a section "## ${version} - DATE" nor "## Unreleased" with something in it`,
      )
    const file = `adf-${version}.notes.md`
    writeFileSync(join(out, file), `# ADF ${version}\n\n${text}\n`)
    return { file }
  },
}

/** The section below `## NAME`, with a date behind it or not, up to the next one; undefined when there is none. */
export function sectionOf(changelog: string, name: string): string | undefined {
  const sections = changelog.split(/^## /m).slice(1)
  const found = sections.find((section) => {
    const [heading = ''] = section.split('\n', 1)
    return heading.replaceAll(/[[\]]/g, '').split(' ')[0] === name
  })
  return found?.slice(found.indexOf('\n')).trim()
}
