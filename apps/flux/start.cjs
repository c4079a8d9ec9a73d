'use strict';
// Starts the command line: from a bundle when it was made of the very sources that are here, else from the sources, and
// then a new bundle is made in the background for the next time. Plain JavaScript, so that it costs nothing to load.
const fs = require('node:fs');

const root = __dirname.slice(0, -'/apps/flux'.length);
const folder = `${root}/node_modules/.cache/flux-ts`;

const bundle = process.env.FLUX_BUNDLE === 'off' ? undefined : findBundle();
if (bundle) startFrom(bundle);
else startFromSource();

/** The current bundle, unless a file that this command could load is not the one that was bundled. */
function findBundle() {
  try {
    const current = JSON.parse(fs.readFileSync(`${folder}/current.json`, 'utf8'));
    if (current.root !== root) return undefined;
    const directory = `${folder}/${current.id}`;
    const command = typedCommand(directory);
    const { now, linked } = JSON.parse(fs.readFileSync(`${directory}/${command}.json`, 'utf8'));
    // a bundle made for an older form of this file has none
    if (linked === undefined || !areUnchanged(now)) return undefined;
    const { main, packages, commonJs } = current;
    return { directory, command, linked, main, packages, commonJs };
  } catch {
    return undefined;
  }
}

/** Looks at files by path, time and size of each. */
function areUnchanged(files) {
  for (let at = 0; at < files.length; at += 3) {
    const found = fs.statSync(`${root}/${files[at]}`, { throwIfNoEntry: false });
    if (found === undefined || found.mtimeMs !== files[at + 1] || found.size !== files[at + 2]) return false;
  }
  return true;
}

/** The command that the first word names, or the first two; `all` for any other words. */
function typedCommand(directory) {
  const [word = '', ...rest] = process.argv.slice(2);
  if (word === 'build' && /^[a-z]+$/.test(rest[0]) && !rest.some(mayBeStdin)) {
    const command = `${word} ${rest[0]}`;
    if (fs.existsSync(`${directory}/${command}.json`)) return command;
  }
  const mayBeCommand = /^[a-z]+$/.test(word) || (word === '--version' && rest.length === 0);
  return mayBeCommand && fs.existsSync(`${directory}/${word}.json`) ? word : 'all';
}

/** `-`, also behind a flag or in a list: what was read of the standard input cannot be read again. */
function mayBeStdin(arg) {
  return /-\s*(?:,|$)/.test(arg);
}

function startFrom({ directory, command, linked, main, packages, commonJs }) {
  const { Script, constants } = require('node:vm');
  const pack = readPack(`${directory}/${command}.pack`);
  const loaded = new Map();
  const scripts = new Map();
  let isPackComplete = true;
  let isAllUnchanged = linked.length === 0;

  const run = (name, module) =>
    compile(name).runInThisContext()(module.exports, requireFrom, module, importLater, lazyBuiltin, requireLate);
  const load = (name) => {
    const known = loaded.get(name);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    loaded.set(name, module);
    if (linked.includes(name)) module.exports = core.exports.chunk(name);
    else run(name, module);
    return module.exports;
  };
  const requireFrom = (name) => (name.startsWith('./') ? load(name.slice(2)) : require(name));
  const requireLate = (name) => {
    if (!packages[name]) return require(name);
    const found = load(packages[name]);
    // A package that is CommonJS is the default export of its chunk, an ES module is the chunk itself.
    return found.default ?? found;
  };
  // of a CommonJS package Node gives the exports by name too
  const importLater = async (name) => {
    if (!isAllUnchanged && !linked.includes(name)) {
      const later = JSON.parse(fs.readFileSync(`${directory}/${command}.later.json`, 'utf8'));
      if (!areUnchanged(later)) runAgainFromSource();
      isAllUnchanged = true;
    }
    const exports = load(name);
    return commonJs.includes(name) ? { ...exports.default, default: exports.default } : exports;
  };

  const compile = (name) => {
    const filename = `${directory}/${name}`;
    const packed = pack.get(name);
    const source = packed?.source() ?? fs.readFileSync(filename, 'latin1');
    const cachedData = packed?.code();
    const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
    const script = new Script(source, { filename, cachedData, importModuleDynamically });
    if (cachedData === undefined || script.cachedDataRejected) isPackComplete = false;
    scripts.set(name, { source, script });
    return script;
  };

  if (command === 'up' || command === 'manager') keepUntilExit(directory);
  // at the end, when the functions that a run needs are compiled
  process.once('exit', () => {
    if (!isPackComplete) writePack(`${directory}/${command}.pack`, pack, scripts);
  });
  // the script of linked chunks runs the main one too
  const core = { exports: {} };
  if (linked.length > 0) run(`${command}.js`, core);
  else load(main);
}

/** For a command that has done nothing yet but read, and now needs a file that is not the one that was bundled. */
function runAgainFromSource() {
  makeBundleLater();
  const { spawnSync } = require('node:child_process');
  const args = [...process.execArgv, __filename, ...process.argv.slice(2)];
  const env = { ...process.env, FLUX_BUNDLE: 'off' };
  process.exit(spawnSync(process.execPath, args, { stdio: 'inherit', env }).status ?? 1);
}

/** Commands that run for days load chunks late; this keeps the maker of newer bundles from removing theirs. */
function keepUntilExit(directory) {
  const path = `${directory}/pid-${process.pid}`;
  try {
    fs.writeFileSync(path, '');
    process.once('exit', () => fs.rmSync(path, { force: true }));
  } catch {
    // a folder that cannot be written to is not cleaned up either
  }
}

/**
 * What runs of a command loaded so far, in one file: each chunk's source and the code that V8 made of it. The file starts
 * with the length of its index.
 */
function readPack(path) {
  const chunks = new Map();
  try {
    const bytes = fs.readFileSync(path);
    let at = 4 + bytes.readUInt32LE(0);
    for (const [name, sourceLength, codeLength] of JSON.parse(bytes.latin1Slice(4, at))) {
      const start = at;
      const middle = start + sourceLength;
      at = middle + codeLength;
      const code = bytes.subarray(middle, at);
      chunks.set(name, { source: () => bytes.latin1Slice(start, middle), code: () => code });
    }
  } catch {
    chunks.clear();
  }
  return chunks;
}

function writePack(path, pack, scripts) {
  const index = [];
  const parts = [];
  const add = (name, source, code) => {
    index.push([name, source.length, code.length]);
    parts.push(Buffer.from(source, 'latin1'), code);
  };
  for (const [name, { source, script }] of scripts) add(name, source, script.createCachedData());
  for (const [name, { source, code }] of pack) if (!scripts.has(name)) add(name, source(), code());
  const header = Buffer.from(`0000${JSON.stringify(index)}`, 'latin1');
  header.writeUInt32LE(header.length - 4, 0);
  try {
    fs.writeFileSync(`${path}.${process.pid}`, Buffer.concat([header, ...parts]));
    fs.renameSync(`${path}.${process.pid}`, path);
  } catch {
    // a folder that cannot be written to: the next start compiles again
  }
}

/** A module of Node that is loaded when something of it is used. */
function lazyBuiltin(name) {
  let loaded;
  return new Proxy(
    {},
    {
      get(_, key) {
        loaded ??= require(name);
        return loaded[key];
      },
    },
  );
}

function startFromSource() {
  require('node:module').enableCompileCache(`${root}/node_modules/.cache/compile`);
  if (process.env.FLUX_BUNDLE !== 'off') makeBundleLater();
  import(`${root}/apps/flux/src/main.ts`);
}

/** One process at a time bundles, and none for a while after one has begun; whether it succeeds is not waited for. */
function makeBundleLater() {
  const lock = `${folder}/bundling`;
  try {
    const begun = fs.statSync(lock, { throwIfNoEntry: false });
    if (begun !== undefined && Date.now() - begun.mtimeMs < 10_000) return;
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(lock, '');
    const { spawn } = require('node:child_process');
    const options = { detached: true, stdio: 'ignore', cwd: root };
    spawn(process.execPath, [`${root}/tools/bundle/src/main.ts`], options)
      .on('error', () => {})
      .unref();
  } catch {
    // a checkout that cannot be written to runs from its sources
  }
}
