import { playHosts } from './play.ts'
import type { HostStory } from './story.ts'

/** Plays the stories that come, one after the other, and sends back what came of each. Its parent ends it. */
process.on('message', (story: HostStory) => {
  void playHosts(story).then(outcome => process.send?.({ ...outcome, log: [] }))
})
