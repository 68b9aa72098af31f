'use strict';
// Other work on the same loop, as in competing.py: a tenth of a millisecond of it in every millisecond.

const { Numbers, percentiles } = require('./tally.js');

const INTERVAL_MS = 1;
const WORK_MS = 0.1;

/** Counts the pieces of work and how late each began. */
class Neighbour {
  constructor() {
    this._late = new Numbers();
    this._cpuMs = 0;
    this._began = performance.now();
    this._asleep();
  }

  _asleep() {
    this._due = performance.now() + INTERVAL_MS;
    this._timer = setTimeout(() => this._work(), INTERVAL_MS);
  }

  _work() {
    const began = performance.now();
    this._late.push(Math.max(began - this._due, 0) / 1000);
    // By the clock and not by a number of steps, since what is compiled has no steady pace; Node tells no CPU time of
    // one thread, so that this counts as CPU even where something else ran in between.
    let now = began;
    while (now - began < WORK_MS) now = performance.now();
    this._cpuMs += now - began;
    this._asleep();
  }

  /** No more work; pieces per second, how late they were in seconds, and the CPU seconds they took. */
  stop() {
    clearTimeout(this._timer);
    const seconds = Math.max(performance.now() - this._began, INTERVAL_MS) / 1000;
    const facts = { per_second: this._late.length / seconds, cpu: this._cpuMs / 1000 };
    for (const [name, value] of Object.entries(percentiles(this._late.sorted()))) facts[`late_${name}`] = value;
    return facts;
  }
}

module.exports = { Neighbour };
