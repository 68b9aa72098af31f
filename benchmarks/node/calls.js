'use strict';
// The calls of the benchmark in the words of Node's client: what files in peers/ are for those in Python.
//
// A call gets the number of a record and returns a promise of how many records or commands came of it. Promises and
// not callbacks, since that is how such programs are written today.

const { isDeepStrictEqual } = require('node:util');
const { binsOf } = require('./shapes.js');

const BATCH = 100;
const TIMEOUT_MS = 30_000;

exports.connect = function connect(aerospike, job) {
  const timeouts = { totalTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS };
  return aerospike.connect({
    hosts: job.hosts.map(([addr, port]) => ({ addr, port })),
    maxConnsPerNode: Math.max(100, 2 * job.case.in_flight),
    log: { level: aerospike.log.WARN },
    policies: {
      read: new aerospike.ReadPolicy(timeouts),
      write: new aerospike.WritePolicy(timeouts),
      operate: new aerospike.OperatePolicy(timeouts),
      batch: new aerospike.BatchPolicy(timeouts),
      query: new aerospike.QueryPolicy(timeouts),
    },
  });
};

exports.callsOf = function callsOf(aerospike, client, job) {
  const { Key, operations } = aerospike;
  const bins = binsOf(job.case.shape, aerospike.Double);
  const makeKey = (number) => new Key(job.namespace, job.set_name, number);
  const made = job.reuse_keys ? Array.from({ length: job.keys }, (_, number) => makeKey(number)) : null;
  const key = made ? (number) => made[number] : makeKey;
  const counting = [operations.incr('count', 1), operations.read('count')];

  const calls = {
    async read(number) {
      return (await client.get(key(number))).bins;
    },

    async get(number) {
      return looked((await client.get(key(number))).bins);
    },

    async put(number) {
      await client.put(key(number), bins);
      return 1;
    },

    async operate(number) {
      return looked((await client.operate(key(number), counting)).bins);
    },

    async batch(number) {
      const first = Math.min(number, job.keys - BATCH);
      const rows = Array.from({ length: BATCH }, (_, row) => ({ key: key(first + row), readAllBins: true }));
      let found = 0;
      for (const row of await client.batchRead(rows)) found += looked(row.record.bins);
      return found;
    },

    scan() {
      return new Promise((resolve, reject) => {
        let found = 0;
        const stream = client.query(job.namespace, job.set_name).foreach();
        stream.on('data', (record) => { found += looked(record.bins); });
        stream.on('error', reject);
        stream.on('end', () => resolve(found));
      });
    },

    mix(number) {
      return number % 10 ? calls.get(number) : calls.put(number);
    },
  };
  return calls;
};

/** 1 if there is a bin, as what is read is looked at by every peer. */
function looked(bins) {
  for (const _ in bins) return 1;
  return 0;
}

/** Compare what was read with what is stored; throws if they differ, since to measure it would mean nothing. */
exports.verify = function verify(job, bins, units) {
  const wanted = { batch: BATCH, scan: job.keys }[job.case.workload] ?? 1;
  if (units !== wanted) throw new Error(`it brought ${units} records instead of ${wanted}`);
  // A double is sent as an object that names its type, and comes back as a number.
  const stored = binsOf(job.case.shape, Number);
  for (const name of Object.keys(stored)) {
    const value = stored[name] instanceof Number ? stored[name].valueOf() : stored[name];
    if (!isDeepStrictEqual(bins[name], value)) throw new Error(`it did not return ${name} as it is stored`);
  }
};
