// Sign-out: applications that listen are told in hidden frames, and no foreign page signs anybody out.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';

import { ALICE } from '../clients/node/people.mjs';
import { CONTOSO_SPA, CONTOSO_WEB, tellingOfSignOuts } from '../clients/node/registrations.mjs';
import { CONTOSO, startServer } from '../clients/node/server.mjs';
import { expectPage, openPage, press, useChromium } from './chromium.mjs';
import { signsIn } from './guest.mjs';
import { authorize } from './requests.mjs';

const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWXAOG2WYIYUI';

useChromium();

/** An application that listens on `host`: it notes what it is asked, and may never answer. */
async function startApplication(t, { host = 'localhost', hangsAt, page = '' } = {}) {
  const asked = [];
  const listener = createServer((request, answer) => {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    asked.push({ pathname, searchParams, purpose: request.headers['sec-fetch-dest'] });
    if (pathname === hangsAt) return;
    answer.setHeader('content-type', 'text/html').end(`<!doctype html><h1>App</h1>${page}`);
  });
  await new Promise((resolve) => { listener.listen(0, host, resolve); });
  t.after(() => {
    listener.closeAllConnections();
    listener.close();
  });
  const origin = `http://${host}:${listener.address().port}`;
  const signOuts = () => asked.filter(({ pathname }) => pathname === '/signout');
  return { origin, signOuts };
}

/** Alice is signed in to Contoso Web and to Contoso SPA; both want to be told. */
async function signedInToTwo(t, { spa, options }) {
  const web = await startApplication(t);
  const single = await startApplication(t, spa);
  const told = [[CONTOSO_WEB, `${web.origin}/signout`], [CONTOSO_SPA, `${single.origin}/signout`]];
  const world = await tellingOfSignOuts(t, told);
  const server = await startServer(t, ['--http', 'localhost:0', '--no-tls', ...world]);
  const { page } = await openPage(t, [server.origin, web.origin, single.origin], options);
  await page.goto(authorize(server, { redirect_uri: `${web.origin}/auth/callback` }));
  await signsIn(page, server, ALICE, (at, selector) => at.click(selector));
  await page.waitForURL(`${web.origin}/auth/callback?code=*`);
  await page.goto(authorize(server, {
    client_id: CONTOSO_SPA.client,
    redirect_uri: `${single.origin}/spa`,
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
  }));
  await page.waitForURL(`${single.origin}/spa?code=*`);
  const back = new URLSearchParams({ post_logout_redirect_uri: `${web.origin}/`, state: 'mine' });
  const logout = `${server.origin}/${CONTOSO}/oauth2/v2.0/logout?${back}`;
  return { server, page, web, single, logout };
}

async function isSignedIn(page, server, web) {
  const callback = `${web.origin}/auth/callback`;
  await page.goto(authorize(server, { prompt: 'none', redirect_uri: callback }));
  assert.ok(page.url().startsWith(callback), page.url());
  return new URL(page.url()).searchParams.has('code');
}

function assertTold({ signOuts }, server) {
  assert.equal(signOuts().length, 1);
  const [{ searchParams, purpose }] = signOuts();
  assert.equal(searchParams.get('iss'), server.issuer(CONTOSO));
  assert.match(searchParams.get('sid'), /^[0-9a-f-]{36}$/);
  assert.equal(purpose, 'iframe');
}

test('every application is told, and then the application goes on', async (t) => {
  const { server, page, web, single, logout } = await signedInToTwo(t, {});
  await page.goto(logout);
  await expectPage(page, 'Do you want to sign out?');
  assert.equal(web.signOuts().length, 0);
  await page.click('#idSIButton9');
  await page.waitForURL(`${web.origin}/?state=mine`);
  assertTold(web, server);
  assertTold(single, server);
  const [[one], [other]] = [web.signOuts(), single.signOuts()];
  assert.equal(one.searchParams.get('sid'), other.searchParams.get('sid'));
  assert.equal(await isSignedIn(page, server, web), false);
});

test('an application that never answers keeps nobody waiting', async (t) => {
  const { server, page, web, single, logout } = await signedInToTwo(t, {
    spa: { hangsAt: '/signout' },
  });
  await page.goto(logout);
  const started = performance.now();
  await page.click('#idSIButton9');
  await page.waitForURL(`${web.origin}/?state=mine`);
  const waited = performance.now() - started;
  assert.ok(waited > 1500 && waited < 6000, `${waited} ms`);
  assertTold(web, server);
  assertTold(single, server);
});

test('without scripts the frames are there, and a link goes on', async (t) => {
  const { server, page, web, single, logout } = await signedInToTwo(t, {
    options: { javaScriptEnabled: false },
  });
  await page.goto(logout);
  await press(page, '#idSIButton9');
  await expectPage(page, 'You signed out of your account');
  assertTold(web, server);
  assertTold(single, server);
  await press(page, '#continue');
  assert.equal(page.url(), `${web.origin}/?state=mine`);
});

test('the application may sign out from its own page, a foreign page may not', async (t) => {
  const { server, page, web, logout } = await signedInToTwo(t, {});
  // The loopback name without its port is the application's: another host is another site.
  const evil = await startApplication(t, { host: '127.0.0.1', page: `<a href="${logout}">Win</a>` });
  await page.goto(evil.origin);
  await press(page, 'a');
  await expectPage(page, 'Do you want to sign out?');
  await page.goto(evil.origin);
  const posted = page.waitForURL(`${server.origin}/**`);
  await page.evaluate((address) => {
    const form = document.createElement('form');
    form.method = 'post';
    form.action = address;
    document.body.append(form);
    form.submit();
  }, logout.split('?')[0]);
  await posted;
  await expectPage(page, 'Do you want to sign out?');
  await page.goto(evil.origin);
  await page.evaluate(async (address) => {
    const image = new Image();
    const done = new Promise((resolve) => { image.onerror = resolve; });
    image.src = address;
    await done;
    await fetch(address, { mode: 'no-cors', credentials: 'include' });
  }, logout);
  assert.equal(await isSignedIn(page, server, web), true);

  await page.goto(`${web.origin}/`);
  const back = page.waitForURL(`${web.origin}/?state=mine`);
  await page.evaluate((address) => { location.href = address; }, logout);
  await back;
  assert.equal(await isSignedIn(page, server, web), false);
});
