// Walks that together come past every kind of page. A walk calls `see(kind, heading, primary)` on
// each page: `primary` is the control that is meant to be used there.

import { CONTOSO, TAILSPIN } from '../clients/node/server.mjs';
import { press } from './chromium.mjs';
import { authorize, inviteToWoodgrove } from './requests.mjs';

const FRANK = 'frank@northwind.example';
const GRACE = 'grace@fabrikam.example';
const NEXT = '#idSIButton9';
const ACCEPT = '#idBtn_Accept';
const CODE = '#idTxtBx_OTC_Password';

async function types(page, selector, value, button = NEXT) {
  await page.fill(selector, value);
  await press(page, button);
}

async function signsInAtWork(page, address) {
  await types(page, '#i0116', address);
  await types(page, '#i0118', 'guestpass');
  await press(page, NEXT);
}

export const walks = {
  async 'the start page'({ page, server, see }) {
    await page.goto(server.origin);
    await see('start', 'A mock Microsoft Entra ID for guests', 'a[href="/inbox"]');
    await page.goto(`${server.origin}/idp/google`);
    await see('google-about', 'Google (mock)', 'a[href$="openid-configuration"]');
    await page.goto(`${server.origin}/idp/litware`);
    await see('litware-about', 'Litware (mock)', 'a[href$="metadata"]');
    await page.goto(`${server.origin}/idp/adatum`);
    await see('adatum-about', 'Adatum (mock)', 'a[href$="federationmetadata.xml"]');
  },

  async 'a passcode by e-mail'({ page, server, see }) {
    await page.goto(`${server.origin}/inbox`);
    await see('inbox', 'Inbox', 'td a');
    await page.goto(`${server.origin}/inbox/${FRANK}`);
    await see('inbox-of-one', `Inbox of ${FRANK}`, 'td a');
    await press(page, 'td a:has-text("Contoso invited you")');
    const subject = 'Contoso invited you to access applications within their organization';
    await see('mail-invitation', subject, 'a.primary');
    await press(page, 'a.primary');
    await see('passcode-send', 'Verify your email', NEXT);
    await press(page, NEXT);
    await see('passcode-entry', 'Enter code', NEXT);
    await types(page, CODE, '00000000');
    await see('passcode-wrong', 'Enter code', NEXT);
    const code = await server.passcode(FRANK, CONTOSO);
    await types(page, CODE, code);
    await see('review', 'Review permissions', ACCEPT);
    await press(page, ACCEPT);
    await see('terms', 'Terms of use', ACCEPT);
    await page.click('summary');
    await see('terms-unfolded', 'Terms of use', ACCEPT);
    await press(page, ACCEPT);
    await see('my-apps', 'My Apps', 'a.tile');
    await page.goto(authorize(server, { scope: 'openid api://contoso-api/Files.Read' }));
    await see('permissions-requested', 'Permissions requested', ACCEPT);
    await page.goto(`${server.origin}/${CONTOSO}/oauth2/v2.0/logout`);
    await see('sign-out', 'Do you want to sign out?', NEXT);
    await press(page, '#idBtn_Back');
    await see('still-signed-in', 'You are still signed in', 'a.brand');
    await page.goto(`${server.origin}/myapps?tenantid=${CONTOSO}`);
    await press(page, 'a:has-text("Sign out")');
    await see('signed-out', 'You signed out of your account', 'a.brand');
    await page.goto(`${server.origin}/inbox/${FRANK}`);
    await press(page, 'tr:has-text("passcode") td:nth-child(2) a');
    await see('mail-passcode', 'Your Contoso account verification code', 'a.brand');
  },

  async 'a passcode guessed too often'({ page, server, see }) {
    await page.goto(authorize(server));
    await types(page, '#i0116', FRANK);
    await press(page, NEXT);
    while (await page.locator(CODE).isEnabled()) await types(page, CODE, '00000000');
    await see('passcode-spent', 'Enter code', 'button[name=resend]');
  },

  async 'a work account'({ page, server, see }) {
    await page.goto(authorize(server));
    await see('sign-in', 'Sign in', NEXT);
    await types(page, '#i0116', 'nobody@contoso.example');
    await see('sign-in-unknown', 'Sign in', NEXT);
    await types(page, '#i0116', 'bob@fabrikam.example');
    await see('password', 'Enter password', NEXT);
    await types(page, '#i0118', 'wrong');
    await see('password-wrong', 'Enter password', NEXT);
    await types(page, '#i0118', 'guestpass');
    await see('stay-signed-in', 'Stay signed in?', NEXT);
    await press(page, NEXT);
    await page.goto(authorize(server, { prompt: 'select_account' }));
    await see('pick-account', 'Pick an account', 'button.tile');
    await press(page, '#otherTile');
    await types(page, '#i0116', 'alice@contoso.example');
    await types(page, '#i0118', 'guestpass');
    await page.goto(`${server.origin}/${CONTOSO}/oauth2/v2.0/logout`);
    await see('sign-out-which', 'Pick an account', 'button.tile');
    await page.goto(await server.acceptLink(FRANK, CONTOSO));
    await see('wrong-account', 'This invitation is for somebody else', NEXT);
  },

  async 'two accounts of one name'({ page, server, see }) {
    await page.goto(authorize(server));
    await types(page, '#i0116', GRACE);
    const heading = 'It looks like this email is used with more than one account';
    await see('account-chooser', heading, '#aadTile');
  },

  async 'Google'({ page, server, see }) {
    await page.goto(authorize(server));
    await types(page, '#i0116', 'dave@gmail.com');
    await see('google-identifier', 'Sign in', '#identifierNext');
    await press(page, '#identifierNext');
    await see('google-password', 'Welcome', '#passwordNext');
    await types(page, 'input[name=Passwd]', 'wrong', '#passwordNext');
    await see('google-password-wrong', 'Welcome', '#passwordNext');
  },

  async 'SAML and WS-Federation'({ page, server, see }) {
    await page.goto(authorize(server));
    await types(page, '#i0116', 'erin@litware.example');
    await see('litware-sign-in', 'Sign in', '#submitButton');
    await types(page, '#passwordInput', 'wrong', '#submitButton');
    await see('litware-wrong', 'Sign in', '#submitButton');
    await page.goto(authorize(server));
    await types(page, '#i0116', 'heidi@adatum.example');
    await see('adatum-sign-in', 'Sign in', '#submitButton');
  },

  async 'an organization by Sign-in options'({ page, server, see }) {
    await page.goto(`${server.origin}/myapps`);
    await see('common', 'Sign in', NEXT);
    await press(page, 'a:has-text("Sign-in options")');
    await see('sign-in-options', 'Sign-in options', 'a.tile');
    await press(page, 'a:has-text("Sign in to an organization")');
    await see('organization', 'Find your organization', NEXT);
    await types(page, 'input[name=organization]', 'Nowhere');
    await see('organization-unknown', 'Find your organization', NEXT);
    await types(page, 'input[name=organization]', 'contoso.example');
    await see('providers', 'Sign in', 'button[name=provider]');
  },

  async 'the portal'({ page, server, see }) {
    await page.goto(`${server.origin}/portal/contoso.example/users`);
    await signsInAtWork(page, 'adele@contoso.example');
    await see('portal-users', 'Users', 'a:has-text("Sign out")');
  },

  async 'refusals'({ page, server, see }) {
    const heading = "Sorry, but we're having trouble signing you in";
    await page.goto(authorize(server, { client_id: TAILSPIN }));
    await see('error', heading, 'summary');
    await page.goto(authorize(server));
    await types(page, '#i0116', 'vera@gmail.com');
    await see('error-with-trace', heading, '#otherTile');
  },

  async 'an account that is made on the way'({ page, server, see }) {
    await page.goto(await server.acceptLink('carol@outlook.com', TAILSPIN));
    await see('create-microsoft-account', 'Create a Microsoft account', NEXT);
    await page.goto(await server.acceptLink(FRANK, TAILSPIN));
    await see('create-work-account', 'Create a work account', NEXT);
    await types(page, '#i0118', 'a new password');
    await see('create-passcode', 'Enter code', NEXT);
  },

  async 'terms that must be opened'({ page, server, see }) {
    await page.goto(await inviteToWoodgrove(server, 'bob@fabrikam.example'));
    await types(page, '#i0118', 'guestpass');
    await press(page, NEXT);
    await see('review-without-privacy-statement', 'Review permissions', ACCEPT);
    await press(page, ACCEPT);
    await see('terms-closed', 'Terms of use', '#openTerms');
    await press(page, '#openTerms');
    await see('terms-opened', 'Terms of use', ACCEPT);
  },

  async 'an invitation that is declined'({ page, server, see }) {
    await page.goto(await server.acceptLink('bob@fabrikam.example', CONTOSO));
    await types(page, '#i0118', 'guestpass');
    await press(page, NEXT);
    await press(page, '#idBtn_Back');
    await see('declined', "You didn't accept", 'a.brand');
  },
};
