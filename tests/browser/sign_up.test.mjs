// Strangers sign themselves up in a real browser.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { CONTOSO_WEB, worldFile } from '../clients/node/registrations.mjs';
import { CONTOSO, startServer } from '../clients/node/server.mjs';
import { audit } from './audit.mjs';
import { expectPage, openPage, press, startApplication, useChromium } from './chromium.mjs';
import { acceptsOrganization, provesByPasscode } from './guest.mjs';
import { authorize } from './requests.mjs';

const WORLD = new URL('../../fixtures/worlds/contoso.toml', import.meta.url);
const NICK = 'nick@northwind.example';
const FAY = 'fay@example.org';
const NEXT = '#idSIButton9';

useChromium();

/** The default world in which people sign up for Contoso Web, with a code or with Facebook. */
async function signUpWorld(t) {
  const line = 'privacy_statement_url = "https://contoso.example/privacy"\n';
  const world = await readFile(WORLD, 'utf8');
  assert.equal(world.split(line).length, 2, 'Contoso once in the world');
  const flow = `[[tenant.user_flow]]
id = "B2X_1_partners"
identity_providers = ["EmailOtpSignup-OAUTH", "Facebook-OAUTH"]
user_attributes = ["displayName", "country"]
applications = ["${CONTOSO_WEB.client}"]
`;
  const contact = '[[tenant.contact]]';
  const settings = `${line}facebook = true\nself_service_sign_up = true\n`;
  const text = world.replace(line, settings).replace(contact, `${flow}\n${contact}`);
  return worldFile(t, `${text}\n[[facebook_account]]\naddress = "${FAY}"\ndisplay_name = "Fay Reed"\n`);
}

async function opensCreateOne(t) {
  const server = await startServer(t, ['--http', '127.0.0.1:0', '--no-tls', ...await signUpWorld(t)]);
  const app = await startApplication(t);
  const { page, unharmed } = await openPage(t, [server.origin, app.origin]);
  await page.goto(authorize(server, { redirect_uri: app.callback }));
  await press(page, '#signup');
  await expectPage(page, 'Create account');
  return { server, app, page, unharmed };
}

async function tellsDetails(page, name) {
  await expectPage(page, 'Add details');
  await page.getByLabel('Display Name').fill(name);
  await page.getByLabel('Country/Region').fill('Kenya');
  await press(page, NEXT);
}

function assertCode(page, app) {
  const url = new URL(page.url());
  assert.equal(url.origin + url.pathname, app.callback);
  assert.ok(url.searchParams.get('code'), page.url());
}

test('Nick signs up with a code that is mailed to him', async (t) => {
  const { server, app, page, unharmed } = await opensCreateOne(t);
  await audit(page, NEXT);
  await page.fill('#i0116', NICK);
  await press(page, NEXT);
  await provesByPasscode(page, server, NICK);
  await expectPage(page, 'Add details');
  await audit(page, NEXT);
  await tellsDetails(page, 'Nick');
  await acceptsOrganization(page);
  assertCode(page, app);
  const explained = await server.control(
    `explain?${new URLSearchParams({ tenant: CONTOSO, email: NICK, entry: 'direct-link' })}`,
  );
  assert.equal(explained.guest, 'Accepted');
  unharmed();
});

test('Fay signs up with Facebook and is known from then on', async (t) => {
  const { server, app, page, unharmed } = await opensCreateOne(t);
  await press(page, 'button[value=facebook]');
  await expectPage(page, 'Log in');
  await page.fill('input[name=email]', FAY);
  await page.fill('input[name=pass]', 'guestpass');
  await press(page, '#loginbutton');
  await expectPage(page, 'Continue as Fay Reed?');
  await press(page, '#confirm');
  await tellsDetails(page, 'Fay R.');
  await acceptsOrganization(page);
  assertCode(page, app);
  await page.goto(authorize(server, { redirect_uri: app.callback }));
  assertCode(page, app);
  unharmed();
});
