import { type Benchmark, Missing } from '../../suite.ts'
import { nezhaSets } from '../nezha-set.ts'
import { judgeNezha } from './nezha.ts'
import { judgePetshop } from './petshop.ts'
import { petshopSets } from './petshop-set.ts'

/**
 * Root causes of labelled faults on every data set in the layout of Nezha (`nezha-*`) or PetShop (`petshop*`), beside random,
 * max-z, PageRank, MicroRank (where there are traces) and BARO (where there are metrics). One setting for all, the live one;
 * nothing later than the judged moment, no fault labels. README.md.
 */
export const rca: Benchmark = {
  suite: 'quality',
  name: 'rca',
  describe: 'root causes of labelled faults (Nezha, PetShop): AS@1, AS@3, AS@5 beside five other methods',
  async run(options) {
    const [nezha, petshop] = [nezhaSets(options.data), petshopSets(options.data)]
    if (nezha.length + petshop.length === 0)
      throw new Missing(
        `no folder nezha-* or petshop* under ${options.data}; name the folder of the data sets with --data or ADF_DATA`,
      )
    const rows = []
    for (const set of petshop) rows.push(...judgePetshop(set, options))
    for (const set of nezha) rows.push(...(await judgeNezha(set, options)))
    return rows
  },
}
