// What the JavaScript drivers share.
'use strict'

const assert = require('assert')
const dns = require('dns')
const http = require('http')

const PATIENCE = 60_000

// Names of the test's tenants and nodes, which no resolver knows.
const { lookup } = dns
dns.lookup = (name, options, done) =>
  lookup(/\.(b3lb\.test|localhost)$/.test(name) ? '127.0.0.1' : name, options, done)

/** Status and `Location` of a URL, without following it. */
function visit(url) {
  return new Promise((resolve, reject) => {
    const request = http.get(url, (answer) => {
      answer.resume()
      answer.on('end', () => resolve([answer.statusCode, answer.headers.location]))
    })
    request.on('error', reject)
  })
}

/** Follows a join to the node and into its client. */
async function enter(url) {
  const [status, node] = await visit(url)
  assert.strictEqual(status, 302)
  assert.match(node, /^http:\/\/n\d+\.localhost:\d+\/bigbluebutton\/api\/join\?/)
  const [entered, client] = await visit(node)
  assert.deepStrictEqual([entered, /html5client/.test(client)], [302, true])
  console.log('join: through the redirect into the meeting')
}

async function eventually(what, look) {
  const start = Date.now()
  while (!(await look())) {
    assert(Date.now() - start < PATIENCE, `waited in vain for: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Runs a driver; a failure is printed and makes the process fail. */
function run(main) {
  main().catch((error) => {
    console.error(error)
    process.exit(1)
  })
}

module.exports = { enter, eventually, run }
