import assert from 'node:assert/strict'
import type { Check } from '../check.ts'
import * as step from '../steps.ts'

/** A control character, a line's end included: nobody can run or read such a word. */
const unprintable = /\p{Cc}/u

const connects: Check = {
  rule: 'connect',
  title: 'the way in is one command of printable words, the same each time, without user data in it',
  needs: ['connect'],
  async run(context) {
    const { request, instances } = await step.launched(context)
    const [instance] = instances
    assert.ok(instance)
    const { kind, id, scope } = instance
    const hint = context.provider.connect?.({ kind, id, scope })
    assert.ok(hint && hint.command.length > 0, 'connect: there is no command')
    for (const word of hint.command) {
      assert.ok(word.length > 0 && !unprintable.test(word), `connect: no word: ${JSON.stringify(word)}`)
    }
    assert.deepEqual(context.provider.connect?.({ kind, id, scope }), hint, 'connect: it changes')
    const said = [...hint.command, hint.note ?? ''].join(' ')
    const userData = Buffer.from(request.userData).toString()
    assert.ok(userData === '' || !said.includes(userData), 'connect: the user data is in it')
  },
}

export const connectChecks: readonly Check[] = [connects]
