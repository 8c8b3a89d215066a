// Drives B3LB with the npm package bbb-api, as its README shows it: every call it has.
//
// B3LB_API is the address without the last `/bigbluebutton/api`, which the package appends itself; B3LB_KEY the key.
'use strict'

const assert = require('assert')

const { eventually, run } = require('./helpers')
const { bbb } = require('bbb-api')

const { B3LB_API, B3LB_KEY } = process.env
const server = { url: B3LB_API, salt: B3LB_KEY }
// The package signs and sends values as they are given, so its callers encode them: here with %20, and with `!'()*` plain.
const ID = 'bbb-api room (1) *~!'
const NAME = 'Übung 100% + "mehr" <b>€😀'

/** Makes a call. The package makes every element a list; this takes the first of each. */
async function call(api, values = {}) {
  const encoded = Object.entries(values).map(([name, value]) => [name, encodeURIComponent(value)])
  const { response } = await bbb(server, api, Object.fromEntries(encoded))
  const answer = Object.fromEntries(Object.entries(response).map(([name, [first]]) => [name, first]))
  console.log(`${api}: ${answer.returncode} ${answer.messageKey ?? ''}`)
  return answer
}

async function main() {
  const none = await call('getMeetings')
  assert.deepStrictEqual([none.returncode, none.messageKey, none.meetings], ['SUCCESS', 'noMeetings', ''])

  const meeting = { name: NAME, meetingID: ID, attendeePW: 'ap', moderatorPW: 'mp', 'meta_Bbb-Origin': 'a & b' }
  const created = await call('create', meeting)
  assert.deepStrictEqual([created.returncode, created.meetingID, created.moderatorPW], ['SUCCESS', ID, 'mp'])
  const again = await call('create', meeting)
  assert.deepStrictEqual([again.messageKey, again.createTime], ['duplicateWarning', created.createTime])
  const taken = await call('create', { ...meeting, moderatorPW: 'x' })
  assert.deepStrictEqual([taken.returncode, taken.messageKey], ['FAILED', 'idNotUnique'])

  assert.strictEqual((await call('isMeetingRunning', { meetingID: ID })).running, 'false')
  // Without `redirect=false` the package follows the join to the node's HTML page, which it cannot parse.
  const joined = await call('join', { fullName: 'Ada & Söhne', meetingID: ID, password: 'mp', redirect: 'false' })
  assert.deepStrictEqual([joined.returncode, joined.messageKey], ['SUCCESS', 'successfullyJoined'])
  assert.strictEqual(joined.meeting_id, created.internalMeetingID)
  assert.match(joined.url, /html5client/)
  assert.strictEqual((await call('isMeetingRunning', { meetingID: ID })).running, 'true')
  const nowhere = await call('join', { fullName: 'Ada', meetingID: 'nowhere', password: 'mp', redirect: 'false' })
  assert.deepStrictEqual([nowhere.returncode, nowhere.messageKey], ['FAILED', 'invalidMeetingIdentifier'])

  const info = await call('getMeetingInfo', { meetingID: ID })
  assert.deepStrictEqual([info.meetingName, info.participantCount], [NAME, '1'])
  assert.strictEqual(info.attendees.attendee[0].fullName[0], 'Ada & Söhne')
  const { meetings } = await call('getMeetings')
  assert.deepStrictEqual(meetings.meeting.map((one) => one.meetingID[0]), [ID])
  assert.deepStrictEqual(meetings.meeting[0].metadata[0], { 'bbb-origin': ['a & b'] })

  const recordings = await call('getRecordings', { meetingID: ID, state: 'any' })
  assert.deepStrictEqual([recordings.returncode, recordings.messageKey], ['SUCCESS', 'noRecordings'])
  // The package rejects on any status but 2xx, so a refusal has to be HTTP 200.
  for (const [api, values] of [['publishRecordings', { publish: 'true' }], ['deleteRecordings', {}]]) {
    const refused = await call(api, { recordID: 'no-such-recording', ...values })
    assert.deepStrictEqual([refused.returncode, refused.messageKey], ['FAILED', 'notFound'], api)
  }
  // The package lacks the name of updateRecordings and calls `undefined` instead.
  await assert.rejects(call('updateRecordings', { recordID: 'no-such-recording' }), /404.*unsupportedRequest/)

  const ended = await call('end', { meetingID: ID, password: 'mp' })
  assert.strictEqual(ended.messageKey, 'sentEndMeetingRequest')
  await eventually('the end', async () => {
    const gone = await call('getMeetingInfo', { meetingID: ID })
    return gone.messageKey === 'notFound' && (await call('getMeetings')).messageKey === 'noMeetings'
  })
}

run(main)
