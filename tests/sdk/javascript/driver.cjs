// Calls Voucherify's SDK for JavaScript as an application would.
//
// Reads a question a line and writes an answer a line, both JSON. Its argument is the folder whose
// `node_modules` has the SDK. Of the SDK's classes it knows nothing but that methods that read call
// `get` on a client, so that a new one is found by itself.

const { createRequire } = require('node:module')
const path = require('node:path')
const readline = require('node:readline')

const installed = createRequire(path.join(process.argv[2], 'package.json'))
const { VoucherifyServerSide } = installed('@voucherify/sdk')

const READS = /this\.client\.get\(/
const clients = new Map()

function client([url, applicationId, secretKey]) {
  const key = JSON.stringify([url, applicationId, secretKey])
  if (!clients.has(key)) {
    clients.set(key, VoucherifyServerSide({ apiUrl: url, applicationId, secretKey }))
  }
  return clients.get(key)
}

// Every method that reads, by the shortest name that leads to it.
function methods(root) {
  const found = []
  const seen = new Set()
  const open = [['', root]]
  while (open.length) {
    const [prefix, object] = open.shift()
    if (seen.has(object)) continue
    seen.add(object)
    for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(object))) {
      const isMethod = name !== 'constructor' && typeof object[name] === 'function'
      if (isMethod && READS.test(object[name].toString())) found.push(prefix + name)
    }
    for (const [name, value] of Object.entries(object)) {
      if (value && typeof value === 'object') open.push([`${prefix}${name}.`, value])
    }
  }
  return found
}

async function call(asked) {
  const names = asked.method.split('.')
  const name = names.pop()
  const api = names.reduce((object, part) => object[part], client(asked.client))
  try {
    return { status: 200, body: await whole(api[name](...asked.arguments)) }
  } catch (error) {
    return { status: error.code, body: { ...error, message: error.message } }
  }
}

// `customers.scroll` gives its things one by one.
async function whole(given) {
  if (!given[Symbol.asyncIterator]) return given
  const things = []
  for await (const thing of given) things.push(thing)
  return { things }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const asked = JSON.parse(line)
    const found = asked.method ? await call(asked) : methods(client(['http://127.0.0.1', 'a', 'b']))
    process.stdout.write(JSON.stringify(found) + '\n')
  }
}

main()
