import { FederationClient, FederationError, FileState } from '@adf/federation'
import type { Command } from 'commander'
import { CommandFailed } from '../output/failure.ts'
import { writeAnswer } from '../output/write.ts'
import { globalOptions, warnings } from '../program/options.ts'

/** `adf federation site`: who this machine's processor is for other sites, as they need it for secure aggregation. */
export function registerSite(federation: Command): void {
  federation
    .command('site')
    .description("id and public key of this site's processor, a line of the others' federation.peers_file")
    .option('--state <folder>', 'federation.state of the processor', '.adf/federation')
    .action(async ({ state }: { state: string }, command: Command) => {
      const site = await siteOf(state)
      writeAnswer(globalOptions(command).json, site, () => JSON.stringify({ [site.client]: site.public_key }))
    })
}

async function siteOf(folder: string): Promise<{ client: string; public_key: string }> {
  const state = new FileState(folder, (message) => warnings([message]))
  // Nothing is asked of it: what is kept says who the site is.
  const client = new FederationClient({ url: 'http://localhost', state })
  try {
    const id = await client.clientId()
    if (id === undefined)
      throw new CommandFailed(
        `no site is enrolled with the state in ${folder}; give --state the folder that the processor has as federation.state`,
      )
    return { client: id, public_key: await client.publicKey() }
  } catch (error) {
    if (error instanceof FederationError) throw new CommandFailed(`${folder}: ${error.message}`)
    throw error
  } finally {
    await client.close()
  }
}
