// Authorize requests of Contoso Web.

import { CONTOSO } from '../clients/node/server.mjs';

const CLIENT = 'c0a70500-0000-4000-8000-0000000000a1';
const CALLBACK = 'http://localhost:3000/auth/callback';

/** The address of an authorize request, with more parameters or other values. */
export function authorize(server, changes = {}) {
  const query = new URLSearchParams({
    client_id: CLIENT,
    response_type: 'code',
    redirect_uri: CALLBACK,
    scope: 'openid profile email offline_access User.Read',
    state: 'state-1',
    nonce: 'nonce-1',
    ...changes,
  });
  return `${server.origin}/${CONTOSO}/oauth2/v2.0/authorize?${query}`;
}

const WOODGROVE = '30006000-0000-4000-8000-000000003000';

/** Invites somebody to Woodgrove, where the world has no guests, and returns the link. */
export async function inviteToWoodgrove(server, address) {
  const { access_token: token } = await post(`${server.origin}/${WOODGROVE}/oauth2/v2.0/token`, {
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: '30006000-0000-4000-8000-0000000000a5',
      client_secret: 'woodgrove-daemon-secret',
      scope: 'https://graph.microsoft.com/.default',
    }),
  });
  const invitation = await post(`${server.origin}/v1.0/invitations`, {
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      invitedUserEmailAddress: address,
      inviteRedirectUrl: `${server.origin}/myapps/woodgrove.example`,
    }),
  });
  return invitation.inviteRedeemUrl;
}

async function post(url, request) {
  const answer = await fetch(url, { method: 'POST', ...request });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
