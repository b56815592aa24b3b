// Programs of the README, run as they stand: with the address of the test's server, on a free port.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, watch } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { CONTOSO } from './server.mjs';

const PYTHON = process.env.GUESTPASS_PYTHON
  ?? fileURLToPath(new URL('../../../target/client-tests/venv/bin/python', import.meta.url));
const BROWSER = fileURLToPath(new URL('./opened_by_program', import.meta.url));
const READY_WITHIN_MS = 60_000;

/** A folder that is gone when the test `t` ends. */
export async function temporaryFolder(t) {
  const folder = await mkdtemp(join(tmpdir(), 'guestpass-program-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A port that nobody has just now. */
export async function freePort() {
  const listener = createServer().listen(0, 'localhost');
  await once(listener, 'listening');
  const { port } = listener.address();
  listener.close();
  await once(listener, 'close');
  return port;
}

export class Process {
  /** Runs a command until the test `t` ends. */
  constructor(t, [program, ...flags], cwd, environment = {}) {
    this.output = '';
    this.complaints = '';
    this.child = spawn(program, flags, { cwd, env: { ...process.env, ...environment } });
    this.child.stdout.on('data', (data) => { this.output += data; });
    this.child.stderr.on('data', (data) => { this.complaints += data; });
    this.ended = once(this.child, 'close').then(([code]) => code);
    const end = () => this.child.kill();
    process.once('exit', end);
    t.after(async () => {
      process.off('exit', end);
      end();
      await this.ended;
    });
  }

  /** Waits until `found` says so of what the program has said; fails if it ends before. */
  until(found) {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (found(this.output + this.complaints)) resolve();
      };
      const timer = setTimeout(() => reject(this.#fault('it is not ready')), READY_WITHIN_MS);
      this.child.stdout.on('data', look);
      this.child.stderr.on('data', look);
      this.ended.then((code) => {
        clearTimeout(timer);
        reject(this.#fault(`it ended with ${code}`));
      });
      look();
    });
  }

  /** Waits until the program has ended well, and returns what it printed. */
  async result() {
    const code = await this.ended;
    if (code !== 0) throw this.#fault(`it ended with ${code}`);
    return this.output;
  }

  #fault(why) {
    return new Error(`${this.child.spawnargs.join(' ')}: ${why}\n${this.output}${this.complaints}`);
  }
}

/** The command that runs a file, a `.mjs` or `.py`. */
function command(file) {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return file.endsWith('.py') ? [PYTHON, '-B', '-u', path] : [process.execPath, path];
}

/** Starts a web application; returns its origin. */
export async function startWebApp(t, file, server) {
  return startWebAppAt(t, file, await freePort(), { AUTHORITY: `${server.origin}/${CONTOSO}` });
}

/** Starts a web application on a port. */
export async function startWebAppAt(t, file, port, environment = {}) {
  const own = { PORT: `${port}`, ...environment };
  const program = new Process(t, command(file), await temporaryFolder(t), own);
  await program.until((output) => output.includes(`:${port}`));
  return `http://localhost:${port}`;
}

/** Starts a program that has no page of its own. */
export async function start(t, file, server, environment = {}) {
  const own = { AZURE_AUTHORITY_HOST: server.origin, ...environment };
  return new Process(t, command(file), await temporaryFolder(t), own);
}

/** Starts a program that opens the person's browser; returns it and the address that it opens. */
export async function startInteractive(t, file, server) {
  const folder = await temporaryFolder(t);
  const watching = watch(folder)[Symbol.asyncIterator]();
  const program = await start(t, file, server, { BROWSER, GUESTPASS_OPENED: join(folder, 'opened') });
  const opened = (async () => {
    for (;;) {
      const { value } = await watching.next();
      if (value.filename === 'opened') return readFile(join(folder, 'opened'), 'utf8');
    }
  })();
  try {
    const ended = program.result().then(() => assert.fail('it opened no browser'));
    return { program, address: await Promise.race([opened, ended]) };
  } finally {
    await watching.return();
  }
}

/** Brings the person back to an interactive program, which listens until then. */
export async function comesBack(browser) {
  if (!browser.left) await browser.returnsToApplication();
  const posted = browser.posted && { method: 'POST', body: browser.posted };
  const answer = await fetch(browser.left, posted ?? {});
  assert.equal(answer.status, 200, await answer.text());
}
