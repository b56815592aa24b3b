// The people who sign in, and what Contoso says of them.

import assert from 'node:assert/strict';

import { CONTOSO, FABRIKAM } from './server.mjs';

class Person {
  /**
   * `proof` is how they prove who they are: at `work`, by `passcode` or at `google`. `idp` is where
   * a guest comes from; members have none. `home` are the object and the tenant that `client_info`
   * names: those of Contoso for a guest who has no other object.
   */
  constructor({ address, oid, idp, proof, home = [oid, CONTOSO] }) {
    Object.assign(this, { address, oid, idp, proof, home });
    this.homeAccountId = home.join('.');
  }

  /** What an ID token of Contoso says of this person. */
  claims(server) {
    const { address, oid, idp } = this;
    return { iss: server.issuer(CONTOSO), tid: CONTOSO, oid, preferred_username: address, idp };
  }
}

export const ALICE = new Person({
  address: 'alice@contoso.example',
  oid: 'c0a70500-0000-4000-8000-000000000003',
  proof: 'work',
});
export const BOB = new Person({
  address: 'bob@fabrikam.example',
  oid: 'c0a70500-0000-4000-8000-000000000101',
  idp: `https://sts.windows.net/${FABRIKAM}/`,
  proof: 'work',
  home: ['fab21ca0-0000-4000-8000-000000000001', FABRIKAM],
});
export const DAVE = new Person({
  address: 'dave@gmail.com',
  oid: 'c0a70500-0000-4000-8000-000000000103',
  idp: 'google.com',
  proof: 'google',
});
export const FRANK = new Person({
  address: 'frank@northwind.example',
  oid: 'c0a70500-0000-4000-8000-000000000106',
  idp: 'mail',
  proof: 'passcode',
});

/** Asserts that claims are Contoso's of this person, for this client. */
export function assertClaims(claims, server, person, client) {
  const wanted = { ...person.claims(server), aud: client };
  const found = Object.fromEntries(Object.keys(wanted).map((name) => [name, claims[name]]));
  assert.deepEqual(found, wanted);
}
