import { type Hook, toConfiguredId } from '@oclif/core'
import { didYouMean } from '../errors/suggest.ts'

/** Says which command was most likely meant, on a terminal and in a log alike; none is run in its place. */
const hook: Hook.CommandNotFound = async function ({ id, config }) {
  const known = config.commands.filter(({ hidden }) => !hidden).map(command => command.id)
  const topic = id.split(':', 1)[0] ?? ''
  const help = config.findTopic(topic) ? `${config.bin} help ${topic}` : `${config.bin} help`
  const written = toConfiguredId(id, config)
  const meant = didYouMean(id, [...known, ...config.topics.map(({ name }) => name)]).replaceAll(
    ':',
    config.topicSeparator,
  )
  process.stderr.write(`Error: ${config.bin} has no command ${written}${meant}\nTry: ${help}\n`)
  this.exit(127)
}

export default hook
