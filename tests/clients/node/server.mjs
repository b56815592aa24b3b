// A guestpass process of its own for each test: a fresh world on free ports.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const CONTOSO = 'c0a70500-0000-4000-8000-00000000c0a7';
export const TAILSPIN = '7a115000-0000-4000-8000-000000007a11';
export const FABRIKAM = 'fab21ca0-0000-4000-8000-0000000fab21';

// In the network of recipes/impersonate there is one server, and it has these names.
export const IMPERSONATED = process.env.GUESTPASS_IMPERSONATED !== undefined;
const LOGIN = 'https://login.microsoftonline.com';
const GRAPH = 'https://graph.microsoft.com';

const BUILT = fileURLToPath(new URL('../../../target/debug/guestpass', import.meta.url));
const READY_WITHIN_MS = 30_000;

/** Starts a server that ends with the test `t`. `listen` are the flags that say where. */
export async function startServer(t, listen) {
  if (IMPERSONATED) {
    const server = new Server([LOGIN], GRAPH);
    await server.reset();
    return server;
  }
  const child = spawn(process.env.GUESTPASS_BIN ?? BUILT, ['serve', '--quiet', ...listen]);
  // A test run that is interrupted must not leave servers behind.
  const end = () => child.kill();
  process.once('exit', end);
  t.after(async () => {
    process.off('exit', end);
    await stop(child);
  });
  return new Server(await addresses(child));
}

/** Reads what the server prints until it says that it is ready, and returns where it listens. */
function addresses(child) {
  return new Promise((resolve, reject) => {
    let output = '';
    let complaints = '';
    const fail = (why) => reject(new Error(`${why}\n${output}${complaints}`));
    const timer = setTimeout(() => fail('guestpass did not get ready'), READY_WITHIN_MS);
    child.on('error', (error) => fail(`guestpass does not start: ${error.message}`));
    child.on('exit', (code) => fail(`guestpass ended with ${code}`));
    child.stderr.on('data', (data) => { complaints += data; });
    child.stdout.on('data', (data) => {
      output += data;
      if (/^guestpass ready in \d+ ms$/m.test(output)) {
        clearTimeout(timer);
        resolve([...output.matchAll(/^listening (\S+)$/gm)].map((line) => line[1]));
      }
    });
  });
}

async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await ended;
}

/** Where a server listens, and its control API. */
export class Server {
  constructor(urls, graph) {
    const secure = urls.find((url) => url.startsWith('https:'));
    this.origin = secure ?? urls[0];
    this.graphOrigin = graph ?? this.origin;
  }

  /** Everything is as at the start. */
  async reset() {
    const answer = await fetch(`${this.origin}/_guestpass/reset`, { method: 'POST' });
    assert.equal(answer.status, 204, await answer.text());
  }

  issuer(tenant) {
    return `${this.origin}/${tenant}/v2.0`;
  }

  async control(path) {
    const answer = await fetch(`${this.origin}/_guestpass/${path}`);
    assert.equal(answer.status, 200, await answer.clone().text());
    return answer.json();
  }

  /** Asks Graph with a token that a client got. */
  async graph(path, accessToken) {
    const headers = { authorization: `Bearer ${accessToken}` };
    const answer = await fetch(`${this.graphOrigin}/v1.0/${path}`, { headers });
    assert.equal(answer.status, 200, await answer.clone().text());
    return answer.json();
  }

  /** The mails to an address, newest first. */
  inbox(to, tenant) {
    return this.control(`inbox?${new URLSearchParams({ to, tenant })}`);
  }

  /** The Accept link of the newest invitation. */
  async acceptLink(to, tenant) {
    const mails = await this.inbox(to, tenant);
    const invitation = mails.find((mail) => mail.kind === 'invitation');
    assert.ok(invitation, `no invitation for ${to}`);
    return invitation.links.accept;
  }

  /** The newest passcode that was mailed. */
  async passcode(to, tenant) {
    const mail = (await this.inbox(to, tenant)).find((one) => one.kind === 'passcode');
    assert.ok(mail, `no passcode for ${to}`);
    assert.match(mail.code, /^\d{8}$/);
    return mail.code;
  }
}
