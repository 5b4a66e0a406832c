import { type Outcome, play } from './play.ts'
import type { Story } from './story.ts'

/** Plays the stories that come, one after the other, and sends back what came of each. Its parent ends it. */
process.on('message', (story: Story) => {
  void play(story).then(outcome => process.send?.(short(outcome)))
})

/** Whoever wants to read what happened plays it alone. */
const short = (outcome: Outcome): Outcome => ({ ...outcome, passed: [], log: [] })
