'use strict';
// The process of the peer `node`: the C client's asynchronous API, as it is in the npm package `aerospike`.
//
// It talks to its parent as worker.py does: a job in JSON on the first line of stdin, then a number of seconds for each
// round, and an empty line at the end. It says `imported`, `ready` and the figures of each round; or, at any time,
// `absent`, `cannot` or `failed` with the reason, and ends.

const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');
const { callsOf, connect, verify } = require('./calls.js');
const { Neighbour } = require('./neighbour.js');
const { Tally, resident } = require('./tally.js');

const PACKAGE = 'aerospike';
const STDOUT = 1;

// What libraries print must not come between the lines for the parent.
console.log = console.info = console.error;

function say(facts) {
  fs.writeSync(STDOUT, `${JSON.stringify(facts)}\n`);
}

/** The package and its version, looked up from the folder that the job names; null when it isn't there. */
function load(folder) {
  try {
    const place = require.resolve(PACKAGE, { paths: [folder] });
    return { aerospike: require(place), version: versionOf(place) };
  } catch (error) {
    const missing = error.code === 'MODULE_NOT_FOUND' && error.message.includes(`'${PACKAGE}'`);
    const why = missing ? `no npm package ${PACKAGE} from ${folder} on` : error.message.split('\n')[0];
    say({ absent: why });
    return null;
  }
}

/** From the nearest package.json above a file. */
function versionOf(place) {
  for (let folder = path.dirname(place); folder !== path.dirname(folder); folder = path.dirname(folder)) {
    const file = path.join(folder, 'package.json');
    if (fs.existsSync(file)) return JSON.parse(fs.readFileSync(file, 'utf8')).version;
  }
  return 'unknown';
}

/** One of as many chains of commands as there are in flight: each has one under way, at least one. */
async function work(operation, first, keys, tally) {
  let number = first;
  let began = performance.now();
  for (;;) {
    let ended;
    try {
      const units = await operation(number);
      ended = performance.now();
      tally.latencies.push((ended - began) / 1000);
      tally.units += units;
    } catch (error) {
      tally.fail(error);
      ended = performance.now();
    }
    if (ended >= tally.until) return;
    began = ended;
    number = (number + 1) % keys;
  }
}

async function round(job, operation, seconds, baseline) {
  const neighbour = job.case.competing ? new Neighbour() : null;
  const tally = new Tally(seconds);
  const inFlight = job.case.in_flight;
  const chains = Array.from({ length: inFlight }, (_, chain) => {
    return work(operation, Math.floor((chain * job.keys) / inFlight), job.keys, tally);
  });
  await Promise.all(chains);
  return tally.result(baseline, neighbour && neighbour.stop());
}

async function serve(loaded, job, lines, baseline) {
  const client = await connect(loaded.aerospike, job);
  try {
    const calls = callsOf(loaded.aerospike, client, job);
    const operation = calls[job.case.workload];
    verify(job, await calls.read(0), await operation(0));
    say({ ready: true, loop: `libuv ${process.versions.uv}` });
    for await (const line of lines) {
      if (!line.trim()) return;
      say(await round(job, operation, Number(line), baseline));
    }
  } finally {
    client.close();
  }
}

async function main() {
  const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const job = JSON.parse((await lines.next()).value);
  const loaded = load(job.options.modules);
  if (loaded === null) return;
  const baseline = resident();
  say({ imported: baseline, versions: { [PACKAGE]: loaded.version, node: process.versions.node } });
  await serve(loaded, job, lines, baseline);
}

main().catch((error) => {
  console.error(error);
  say({ failed: `${error.name}: ${error.message}`.slice(0, 500) });
}).finally(() => process.exit(0)); // the native client may keep threads and handles that would hold the process
