// Drives B3LB with the npm package bigbluebutton-js, as its README shows it.
//
// B3LB_API is the address without the last `api/`, B3LB_KEY the key.
'use strict'

const assert = require('assert')

const { enter, eventually, run } = require('./helpers')
const bbb = require('bigbluebutton-js')

const { B3LB_API, B3LB_KEY } = process.env
const { administration, monitoring, recording } = bbb.api(B3LB_API, B3LB_KEY)
const ID = 'js room (1) *~!'
const NAME = 'Übung 100% + "mehr" €😀'

async function call(what, url) {
  const answer = await bbb.http(url)
  console.log(`${what}: ${answer.returncode} ${answer.messageKey ?? ''}`)
  return answer
}

async function main() {
  const none = await call('getMeetings', monitoring.getMeetings())
  assert.deepStrictEqual([none.returncode, none.messageKey], ['SUCCESS', 'noMeetings'])

  const options = { attendeePW: 'ap', moderatorPW: 'mp', welcome: 'Hallo\n<b>Welt</b> & alle', 'meta_bbb-origin': 'js' }
  const created = await call('create', administration.create(NAME, ID, options))
  assert.deepStrictEqual([created.returncode, created.meetingID, created.moderatorPW], ['SUCCESS', ID, 'mp'])
  const again = await call('create again', administration.create(NAME, ID, options))
  assert.deepStrictEqual([again.messageKey, again.createTime], ['duplicateWarning', created.createTime])
  const taken = await call('create with another password', administration.create(NAME, ID, { moderatorPW: 'x' }))
  assert.strictEqual(taken.messageKey, 'idNotUnique')

  const running = async () => (await call('isMeetingRunning', monitoring.isMeetingRunning(ID))).running
  assert.strictEqual(await running(), false)
  await enter(administration.join('Ada & Söhne', ID, 'mp'))
  assert.strictEqual(await running(), true)

  const info = await call('getMeetingInfo', monitoring.getMeetingInfo(ID))
  assert.deepStrictEqual([info.meetingID, info.participantCount, info.attendees.attendee.role], [ID, 1, 'MODERATOR'])
  // The parser of this package leaves entities as they are.
  assert.strictEqual(info.meetingName, NAME.replaceAll('"', '&quot;'))
  const list = await call('getMeetings', monitoring.getMeetings())
  assert.deepStrictEqual(list.meetings.map((meeting) => meeting.meetingID), [ID])
  assert.strictEqual(list.meetings[0].metadata['bbb-origin'], 'js')

  const recordings = await call('getRecordings', recording.getRecordings({ meetingID: ID }))
  assert.strictEqual(recordings.messageKey, 'noRecordings')
  // The package rejects on any status but 2xx, so a refusal has to be HTTP 200.
  for (const [what, url] of [
    ['publishRecordings', recording.publishRecordings('no-such-recording', true)],
    ['updateRecordings', recording.updateRecordings('no-such-recording', { meta_name: 'New & better' })],
    ['deleteRecordings', recording.deleteRecordings('no-such-recording')],
  ]) {
    assert.strictEqual((await call(what, url)).messageKey, 'notFound', what)
  }
  const stranger = bbb.api(B3LB_API, `${B3LB_KEY}x`).monitoring
  const refused = await call('getMeetings with a wrong key', stranger.getMeetings())
  assert.strictEqual(refused.messageKey, 'checksumError')

  const ended = await call('end', administration.end(ID, 'mp'))
  assert.strictEqual(ended.messageKey, 'sentEndMeetingRequest')
  await eventually('the end', async () => {
    const gone = await call('getMeetingInfo', monitoring.getMeetingInfo(ID))
    return gone.messageKey === 'notFound' && (await call('getMeetings', monitoring.getMeetings())).messageKey === 'noMeetings'
  })
}

run(main)
