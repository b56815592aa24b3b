// What the tests of every client have: a server and a browser of their own, and what must come out.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Browser } from './browser.mjs';
import { ALICE, BOB, FRANK } from './people.mjs';
import { startServer } from './server.mjs';

/** Starts a server that ends with the test `t`, and a browser that has never been there. */
export async function begin(t, flags = []) {
  const listen = ['--http', '127.0.0.1:0', '--https', 'localhost:0'];
  const server = await startServer(t, [...listen, ...flags]);
  assert.match(server.origin, /^https:/);
  return { server, browser: new Browser(server) };
}

/** Tests of a client by name, whose `signsIn(t, person)` is a whole sign-in at Contoso, checked. */
export function testThreePeople(client, signsIn) {
  test(`${client}: Alice signs in`, (t) => signsIn(t, ALICE));
  test(`${client}: Bob redeems at his home by the direct link`, (t) => signsIn(t, BOB));
  test(`${client}: Frank redeems with a passcode by the direct link`, (t) => signsIn(t, FRANK));
}
