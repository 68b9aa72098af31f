'use strict';
// What the records look like: the same as in shapes.py, written down again, so that what Python has stored is compared
// with something that did not come from Python.

exports.binsOf = function binsOf(shape, Double) {
  switch (shape) {
    case 'small':
      return { data: 'x'.repeat(20) };
    case 'three':
      return { name: 'Ada Lovelace', age: 36, score: new Double(0.5) };
    case 'ten':
      return ten(Double);
    case 'big':
      return { data: Buffer.from(Array.from({ length: 10240 }, (_, number) => number & 255)) };
    case 'map':
      return { data: Object.fromEntries(Array.from({ length: 1000 }, (_, number) => [mapKey(number), number])) };
    default:
      throw new Error(`no shape ${shape}: node/shapes.js lacks what shapes.py has`);
  }
};

function ten(Double) {
  const bins = { token: Buffer.from(Array.from({ length: 16 }, (_, number) => number)) };
  for (let number = 0; number < 4; number++) bins[`count${number}`] = 1000 * number;
  for (let number = 0; number < 3; number++) bins[`name${number}`] = `the value of name ${number}`;
  for (let number = 0; number < 2; number++) bins[`share${number}`] = new Double(number / 4);
  return bins;
}

function mapKey(number) {
  return `key${String(number).padStart(4, '0')}`;
}
