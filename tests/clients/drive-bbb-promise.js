// Drives B3LB with the npm package bbb-promise, as its README shows it: every call it has.
//
// B3LB_API is the address without the last `/api`, B3LB_KEY the key.
'use strict'

const assert = require('assert')

const { enter, eventually, run } = require('./helpers')
const bbb = require('bbb-promise')

const { B3LB_API, B3LB_KEY } = process.env
const { administration, monitoring, recording } = bbb.server(B3LB_API, B3LB_KEY)
// The package signs `!'()*` plain but sends them encoded, which no BBB server accepts; so there are none of them.
const ID = 'promise room 1 ~.-_'
const NAME = 'Übung 100% + "mehr" & <alles> €😀'

/** Awaits a call. The package makes every element a list; this takes the first of each. */
async function said(what, call) {
  const { response } = await call
  const answer = Object.fromEntries(Object.entries(response).map(([name, [first]]) => [name, first]))
  console.log(`${what}: ${answer.returncode} ${answer.messageKey ?? ''}`)
  return answer
}

async function main() {
  const none = await said('getMeetings', monitoring.getMeetings())
  assert.deepStrictEqual([none.returncode, none.messageKey], ['SUCCESS', 'noMeetings'])

  // Numbers and booleans as in the README; recordings are switched off by B3LB.
  const options = { attendeePW: 'ap', moderatorPW: 'mp', record: true, duration: 60, meta_category: 'x y+z' }
  const created = await said('create', administration.create(NAME, ID, options))
  assert.deepStrictEqual([created.returncode, created.meetingID, created.duration], ['SUCCESS', ID, '60'])
  const again = await said('create again', administration.create(NAME, ID, options))
  assert.deepStrictEqual([again.messageKey, again.createTime], ['duplicateWarning', created.createTime])
  const short = await said('create with a short id', administration.create(NAME, 'x'))
  assert.deepStrictEqual([short.returncode, short.messageKey], ['FAILED', 'sizeError'])

  const running = async () => (await said('isMeetingRunning', monitoring.isMeetingRunning(ID))).running
  assert.strictEqual(await running(), 'false')
  await enter(administration.join('Ada & Söhne', ID, 'ap', { createTime: created.createTime, guest: false }))
  assert.strictEqual(await running(), 'true')

  const info = await said('getMeetingInfo', monitoring.getMeetingInfo(ID))
  assert.deepStrictEqual([info.meetingName, info.participantCount, info.recording], [NAME, '1', 'false'])
  assert.deepStrictEqual(info.attendees.attendee[0].role, ['VIEWER'])
  const { meetings } = await said('getMeetings', monitoring.getMeetings())
  assert.deepStrictEqual(meetings.meeting.map((one) => one.meetingID[0]), [ID])
  assert.deepStrictEqual(meetings.meeting[0].metadata[0].category, ['x y+z'])

  const chat = { meetingID: ID, message: 'Gleich geht es los & <b>wie</b> 100% +' }
  const sent = await said('sendChatMessage', administration.customCall('sendChatMessage', chat))
  assert.strictEqual(sent.returncode, 'SUCCESS')

  const ids = { meetingID: `${ID},other`, recordID: 'a,b' }
  const recordings = await said('getRecordings', recording.getRecordings(ids))
  assert.deepStrictEqual([recordings.returncode, recordings.messageKey], ['SUCCESS', 'noRecordings'])
  // The package rejects on any status but 2xx, so a refusal has to be HTTP 200.
  for (const [what, call] of [
    ['publishRecordings', () => recording.publishRecordings('no-such-recording', true)],
    ['updateRecordings', () => recording.updateRecordings('no-such-recording', { meta_name: 'New & better' })],
    ['deleteRecordings', () => recording.deleteRecordings('no-such-recording')],
  ]) {
    const refused = await said(what, call())
    assert.deepStrictEqual([refused.returncode, refused.messageKey], ['FAILED', 'notFound'], what)
  }

  const ended = await said('end', administration.end(ID, 'mp'))
  assert.strictEqual(ended.messageKey, 'sentEndMeetingRequest')
  await eventually('the end', async () => {
    const gone = await said('getMeetingInfo', monitoring.getMeetingInfo(ID))
    const { messageKey } = await said('getMeetings', monitoring.getMeetings())
    return gone.messageKey === 'notFound' && messageKey === 'noMeetings'
  })
}

run(main)
