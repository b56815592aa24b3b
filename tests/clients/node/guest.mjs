// What a guest does on the pages, step by step.

import assert from 'node:assert/strict';

import { CONTOSO } from './server.mjs';

const PASSWORD = 'guestpass';

export async function typesName(browser, address) {
  browser.expect('Sign in');
  browser.type('#i0116', address);
  await browser.click('#idSIButton9');
}

export async function provesByPasscode(browser, server, address, tenant) {
  browser.expect('Verify your email');
  await browser.click('#idSIButton9');
  browser.expect('Enter code');
  browser.type('#idTxtBx_OTC_Password', await server.passcode(address, tenant));
  await browser.click('#idSIButton9');
}

export async function signsInAtWork(browser, askedToStay = true) {
  browser.expect('Enter password');
  browser.type('#i0118', PASSWORD);
  await browser.click('#idSIButton9');
  if (askedToStay) await staysSignedIn(browser);
}

async function staysSignedIn(browser) {
  browser.expect('Stay signed in?');
  await browser.click('#idSIButton9');
}

/** The mock Google knows the address already and asks for it all the same. */
export async function signsInAtGoogle(browser, address) {
  browser.expect('Sign in');
  assert.equal(browser.value('#identifierId'), address);
  await browser.click('#identifierNext');
  browser.expect('Welcome');
  browser.type('input[name=Passwd]', PASSWORD);
  await browser.click('#passwordNext');
}

/** The mock Litware keeps no session, so it always asks. */
export async function signsInAtLitware(browser, address) {
  browser.expect('Sign in');
  browser.type('#userNameInput', address);
  browser.type('#passwordInput', PASSWORD);
  await browser.click('#submitButton');
}

export async function acceptsOrganization(browser) {
  browser.expect('Review permissions');
  await browser.click('#idBtn_Accept');
  browser.expect('Terms of use');
  await browser.click('#idBtn_Accept');
}

export async function entersDeviceCode(browser, address, code) {
  await browser.open(address);
  browser.expect('Enter code');
  browser.type('#otc', code);
  await browser.click('#idSIButton9');
}

export async function confirmsDevice(browser, app, person) {
  browser.expect(`Are you trying to sign in to ${app}?`);
  await browser.click('#idSIButton9');
  if (person.idp === undefined) await staysSignedIn(browser);
  browser.expect('You have signed in');
}

/** A whole sign-in at Contoso, from its first page; a guest redeems on the way. */
export async function signsIn(browser, server, person, onDevice = false) {
  await typesName(browser, person.address);
  // Contoso asks later, when the device is confirmed; a guest's home knows nothing of devices.
  if (person.proof === 'work') await signsInAtWork(browser, person.idp !== undefined || !onDevice);
  if (person.proof === 'passcode') await provesByPasscode(browser, server, person.address, CONTOSO);
  if (person.proof === 'google') await signsInAtGoogle(browser, person.address);
  if (person.idp !== undefined) await acceptsOrganization(browser);
}
