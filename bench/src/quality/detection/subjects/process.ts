import { readHistory, readIndex, writeScored } from '../exchange/folder.ts'
import { subjects } from './subjects.ts'

/** Scores the cases of a folder with one of our detectors. Arguments: its name, the folder (exchange/folder.ts). */
const [name, folder] = process.argv.slice(2)
const subject = subjects.find((one) => one.name === name)
if (subject === undefined || folder === undefined) throw new Error('usage: process.ts NAME FOLDER')
for (const { index, width } of readIndex(folder)) {
  const train = readHistory(folder, index, 'train', width)
  const test = readHistory(folder, index, 'test', width)
  const before = process.cpuUsage()
  const scored = subject.score(train, test)
  const { user, system } = process.cpuUsage(before)
  writeScored(folder, subject.name, index, scored)
  const rssMb = process.resourceUsage().maxRSS / 1024
  process.stdout.write(`${JSON.stringify({ case: index, cpu_s: (user + system) / 1e6, rss_mb: rssMb })}\n`)
}
