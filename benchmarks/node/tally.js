'use strict';
// What one round is measured by; the same figures, taken at the same moments, as in sampling.py.

const fs = require('node:fs');
const os = require('node:os');

const STATUS = '/proc/self/status';
const CLEAR = '/proc/self/clear_refs';
const PEAK_OF_RESIDENT = '5';
const CHUNK = 65_536;
const BYTES = Float64Array.BYTES_PER_ELEMENT;
const PERCENTILES = [50, 99, 99.9];

/** Bytes of memory of this process: resident now, or with VmHWM at the peak. */
function resident(what = 'VmRSS') {
  try {
    const line = fs.readFileSync(STATUS, 'ascii').split('\n').find((one) => one.startsWith(`${what}:`));
    return Number(line.split(/\s+/)[1]) * 1024;
  } catch {
    // Not Linux: the peak since the process began, which is too much rather than too little.
    return process.resourceUsage().maxRSS * 1024;
  }
}

/** Of seconds in ascending order; 0 without any. */
function percentiles(sorted) {
  const found = {};
  for (const percent of PERCENTILES) {
    const rank = Math.ceil((percent / 100) * sorted.length);
    found[`p${percent}`] = rank ? sorted[rank - 1] : 0;
  }
  return found;
}

/** Numbers in chunks: to grow one array would for a moment take three times its memory, and time in a round. */
class Numbers {
  constructor() {
    this.length = 0;
    this._chunks = [new Float64Array(CHUNK)];
  }

  push(value) {
    const place = this.length++ % CHUNK;
    if (!place && this.length > 1) this._chunks.push(new Float64Array(CHUNK));
    this._chunks[this._chunks.length - 1][place] = value;
  }

  get bytes() {
    return this._chunks.length * CHUNK * BYTES;
  }

  sorted() {
    const all = new Float64Array(this.length);
    this._chunks.forEach((chunk, place) => {
      all.set(chunk.subarray(0, this.length - place * CHUNK), place * CHUNK);
    });
    return all.sort();
  }
}

/** One round; commands add to it while it runs. */
class Tally {
  constructor(seconds) {
    this.latencies = new Numbers();
    this.units = 0;
    this.errors = {};
    globalThis.gc?.();
    try {
      fs.writeFileSync(CLEAR, PEAK_OF_RESIDENT);
    } catch {
      // Not Linux: the peak is that of the process.
    }
    this._cpu = process.cpuUsage();
    this._began = performance.now();
    this.until = this._began + seconds * 1000;
  }

  fail(error) {
    const name = error.code === undefined ? error.name : `${error.name} ${error.code}`;
    this.errors[name] = (this.errors[name] ?? 0) + 1;
  }

  /** What came of it; to be called as soon as the last command has ended. */
  result(baseline, beside) {
    const seconds = (performance.now() - this._began) / 1000;
    const { user, system } = process.cpuUsage(this._cpu);
    const peak = resident('VmHWM') - baseline - this.latencies.bytes;
    return {
      seconds,
      commands: this.latencies.length,
      units: this.units,
      cpu: (user + system) / 1e6 - (beside ? beside.cpu : 0),
      peak: Math.max(peak, 0),
      errors: this.errors,
      beside,
      priority: os.getPriority(),
      ...percentiles(this.latencies.sorted()),
    };
  }
}

module.exports = { Numbers, Tally, percentiles, resident };
