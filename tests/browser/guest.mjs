// What people do on the pages in a real browser, step by step.

import { CONTOSO } from '../clients/node/server.mjs';
import { expectPage, press } from './chromium.mjs';

async function signsInAtWork(page, leave) {
  await expectPage(page, 'Enter password');
  await page.fill('#i0118', 'guestpass');
  await press(page, '#idSIButton9');
  await expectPage(page, 'Stay signed in?');
  await leave(page, '#idSIButton9');
}

export async function provesByPasscode(page, server, address) {
  await expectPage(page, 'Verify your email');
  await press(page, '#idSIButton9');
  await expectPage(page, 'Enter code');
  await page.fill('#idTxtBx_OTC_Password', await server.passcode(address, CONTOSO));
  await press(page, '#idSIButton9');
}

export async function acceptsOrganization(page, leave = press) {
  await expectPage(page, 'Review permissions');
  await press(page, '#idBtn_Accept');
  await expectPage(page, 'Terms of use');
  await leave(page, '#idBtn_Accept');
}

/**
 * A whole sign-in at Contoso, from its first page; a guest redeems on the way. `leave` presses the
 * last button, for a page that does not stay open.
 */
export async function signsIn(page, server, person, leave = press) {
  const isGuest = person.idp !== undefined;
  await expectPage(page, 'Sign in');
  await page.fill('#i0116', person.address);
  await press(page, '#idSIButton9');
  if (person.proof === 'work') await signsInAtWork(page, isGuest ? press : leave);
  else await provesByPasscode(page, server, person.address);
  if (isGuest) await acceptsOrganization(page, leave);
}
