// Linear scans in JavaScript, as an arm of the experiment scan-versus-hnsw:
// node --single-threaded scans.js [--root FOLDER] naive|good
//
// naive  what is written first: objects with arrays of numbers, the cosine with both norms by
//        reduce, all of them sorted. It answers one query in ten, which its work says.
// good   one Float32Array, four accumulators, a buffer of the nearest; one query in four.
//
// It speaks JSON lines; the folder `data` holds base.npy and queries.npy, a relative one is looked
// for below --root. Recall is against a scan in double precision, made once for each set of rows.
'use strict';
const fs = require('fs');
const path = require('path');

const ONE_IN = {naive: 10, good: 4};

/** Reads an array of two dimensions in single precision, the only form that is exchanged. */
function readArray(file) {
  if (!fs.existsSync(file)) {
    throw new Error(`there is no ${file}; run './Scripts/search-data' first`);
  }
  const bytes = fs.readFileSync(file);
  const isLong = bytes[6] >= 2;
  const start = isLong ? 12 : 10;
  const length = isLong ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', start, start + length);
  const shape = /'shape': \((\d+), (\d+)\)/.exec(header);
  if (!header.includes("'<f4'") || header.includes("'fortran_order': True") || !shape) {
    throw new Error(`${file} is no array of rows in single precision`);
  }
  const [rows, dimensions] = [Number(shape[1]), Number(shape[2])];
  const values = new Float32Array(rows * dimensions);
  bytes.copy(Buffer.from(values.buffer), 0, start + length);
  return {values, rows, dimensions};
}

const norm = (vector) => Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
const cosine = (a, b) => a.reduce((sum, x, i) => sum + x * b[i], 0) / (norm(a) * norm(b));

/** Searches as the first attempt does. */
function naive({values, dimensions}, count) {
  const patterns = Array.from({length: count}, (_, id) => ({
    id,
    embedding: Array.from(values.subarray(id * dimensions, (id + 1) * dimensions)),
  }));
  return (query, neighbours) => patterns
    .map((pattern) => ({id: pattern.id, score: cosine(query, pattern.embedding)}))
    .sort((a, b) => b.score - a.score)
    .slice(0, neighbours)
    .map((result) => result.id);
}

/** Searches as fast as plain JavaScript does. */
function good({values, dimensions}, count) {
  const even = dimensions - dimensions % 4;
  return (query, neighbours) => {
    const scores = new Float64Array(neighbours).fill(-Infinity);
    const ids = new Int32Array(neighbours);
    for (let row = 0, at = 0; row < count; row += 1, at += dimensions) {
      let a = 0, b = 0, c = 0, d = 0;
      for (let i = 0; i < even; i += 4) {
        a += query[i] * values[at + i];
        b += query[i + 1] * values[at + i + 1];
        c += query[i + 2] * values[at + i + 2];
        d += query[i + 3] * values[at + i + 3];
      }
      for (let i = even; i < dimensions; i += 1) a += query[i] * values[at + i];
      const score = a + b + c + d;
      if (score <= scores[neighbours - 1]) continue;
      let place = neighbours - 1;
      for (; place > 0 && scores[place - 1] < score; place -= 1) {
        scores[place] = scores[place - 1];
        ids[place] = ids[place - 1];
      }
      scores[place] = score;
      ids[place] = row;
    }
    return Array.from(ids);
  };
}

/** The nearest rows by sums in double precision, one component after the other. */
function nearest({values, dimensions}, count, query, neighbours) {
  const scores = new Float64Array(count);
  for (let row = 0; row < count; row += 1) {
    for (let i = 0; i < dimensions; i += 1) scores[row] += query[i] * values[row * dimensions + i];
  }
  return Array.from(scores.keys())
    .sort((a, b) => scores[b] - scores[a] || a - b)
    .slice(0, neighbours);
}

const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** Processor time of this process in seconds. */
function processorSeconds() {
  const {user, system} = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Answers trials, and keeps what was prepared for the last settings. */
class Arm {
  constructor(way, root) {
    this.way = way;
    this.root = root;
  }

  prepare(settings) {
    const folder = path.join(path.isAbsolute(settings.data) ? '/' : this.root, settings.data);
    const key = JSON.stringify([folder, settings.rows, settings.queries, settings.neighbours]);
    if (key === this.key) return;
    if (folder !== this.folder) {
      this.base = readArray(`${folder}/base.npy`);
      this.asked = readArray(`${folder}/queries.npy`);
      this.folder = folder;
    }
    const {base, asked} = this;
    const count = settings.rows || base.rows;
    if (count > base.rows) throw new Error(`rows is ${count}; ${folder} has ${base.rows}`);
    const wanted = Math.max(1, Math.floor(
      Math.min(settings.queries, asked.rows) / ONE_IN[this.way]));
    const begin = processorSeconds();
    this.search = {naive, good}[this.way](base, count);
    this.buildSeconds = processorSeconds() - begin;
    this.neighbours = Math.min(settings.neighbours, count);
    const width = asked.dimensions;
    const rows = Array.from({length: wanted}, (_, i) =>
      asked.values.subarray(i * width, (i + 1) * width));
    this.truth = rows.map((query) => nearest(base, count, query, this.neighbours));
    this.queries = this.way === 'naive' ? rows.map((row) => Array.from(row)) : rows;
    this.key = key;
  }

  answer(settings) {
    this.prepare(settings);
    const {queries, neighbours} = this;
    const walls = [];
    const found = [];
    const begin = processorSeconds();
    for (const query of queries) {
      const start = process.hrtime.bigint();
      found.push(this.search(query, neighbours));
      walls.push(Number(process.hrtime.bigint() - start) / 1e9);
    }
    const seconds = processorSeconds() - begin;
    const hits = found.reduce((sum, ids, i) =>
      sum + ids.filter((id) => this.truth[i].includes(id)).length, 0);
    return {
      work: queries.length,
      metrics: {
        query_cpu: seconds / queries.length,
        query_wall: median(walls),
        recall: hits / (queries.length * neighbours),
        search_breadth: 0,
        build_cpu: this.buildSeconds,
      },
    };
  }
}

function main() {
  const words = process.argv.slice(2);
  const root = words[0] === '--root' ? words.splice(0, 2)[1] : '.';
  const way = words[0];
  if (words.length !== 1 || !(way in ONE_IN)) {
    console.error('usage: scans.js [--root FOLDER] naive|good');
    process.exit(64);
  }
  const arm = new Arm(way, root);
  const lines = require('readline').createInterface({input: process.stdin});
  lines.on('line', (line) => {
    const message = JSON.parse(line);
    if (message.end) return lines.close();
    let answer;
    if (message.run) {
      try {
        answer = {trial: message.run.trial, ...arm.answer(message.run.settings)};
      } catch (error) {
        answer = {trial: message.run.trial, error: error.message};
      }
    } else {
      answer = {fleetlab: 1, name: `js-${way}`, version: process.version, capabilities: []};
    }
    process.stdout.write(JSON.stringify(answer) + '\n');
  });
}

main();
