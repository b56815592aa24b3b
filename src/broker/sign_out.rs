//! Sign-out: whose session ends, who is told, and where the browser goes.

mod applications;
mod upstream;

use uuid::Uuid;

use super::failure::{Failure, retry};
use super::known::tile;
use super::{Broker, Here, Tile};
use crate::decide::Decision;
use crate::decide::sign_out::{self, AccountFact, Answer, CameFrom, Facts, Outcome, Shown};
use crate::directory::IdentityProvider;
use crate::fault::{Fault, say};
use crate::ids::ClientId;
use crate::interaction::{Session, SignedIn, VisitedBy, session_index};
use crate::protocol::authority::Authority;
use crate::protocol::id_token_hint::IdTokenHint;
use crate::protocol::login_hint;
use crate::protocol::sign_out::SignOutRequest;
use crate::store::records::{UsedAssertion, by};
use crate::store::{ChangeSet, Stored};

/// A request to sign out.
#[derive(Debug)]
pub struct SignOutCall<'a> {
    /// The first path segment.
    pub segment: &'a str,
    /// What was asked for.
    pub request: &'a SignOutRequest,
    /// The origin of the page that the browser came from, if it says so.
    pub from: Option<&'a str>,
    /// What the person answered; the form's token was verified.
    pub answer: Option<SignOutAnswer>,
}

/// A wish to sign somebody out, whichever protocol brought it.
pub(super) struct Wanted<'a> {
    /// The origin of the page that the browser came from.
    pub(super) from: Option<&'a str>,
    pub(super) answer: Option<SignOutAnswer>,
    pub(super) asked: AskedBy<'a>,
    /// The request, to be sent again with the answer.
    pub(super) fields: Vec<(&'static str, String)>,
}

/// What a wish to sign somebody out says of that person, by its protocol.
pub(super) enum AskedBy<'a> {
    /// OpenID Connect.
    Client {
        hint: Option<&'a IdTokenHint>,
        /// The name of the account.
        named: Option<&'a str>,
    },
    /// SAML: an application has a name of its own for the person.
    Saml(AskedByName<'a>),
    /// WS-Federation: nothing.
    WsFed,
}

impl AskedBy<'_> {
    /// What there is to show; `signed` is a signature that is good now.
    fn shown(&self, signed: bool) -> Shown {
        match self {
            Self::Client { hint: None, .. } => Shown::NoIdToken,
            Self::Client { hint: Some(_), .. } => Shown::IdToken,
            Self::Saml(asked) if asked.signed.is_none() => Shown::NoSignature,
            Self::Saml(_) if signed => Shown::Signature,
            Self::Saml(_) => Shown::UsedSignature,
            Self::WsFed => Shown::Nothing,
        }
    }
}

/// An application's wish to sign out whom it knows by a name.
pub(super) struct AskedByName<'a> {
    pub(super) client: ClientId,
    pub(super) name: &'a str,
    /// The sessions that are meant; every one if none is named.
    pub(super) sessions: &'a [String],
    /// Present if the application has signed it: it is good once.
    pub(super) signed: Option<UsedAssertion>,
}

impl AskedByName<'_> {
    /// Whether one of these entries is meant.
    fn means(&self, entries: &[SignedIn]) -> bool {
        let mut visited = entries.iter().flat_map(|entry| entry.applications());
        visited.any(|visited| {
            let known = matches!(&visited.by, VisitedBy::Saml { name, .. } if name == self.name);
            let index = session_index(visited.sid);
            let session = self.sessions.is_empty() || self.sessions.contains(&index);
            visited.client == self.client && known && session
        })
    }
}

/// What the person answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignOutAnswer {
    /// Every account.
    All,
    /// The account of this entry of the session.
    One(Uuid),
}

/// What comes of a sign-out.
#[derive(Debug)]
pub enum SignedOut {
    /// The person is asked first.
    Ask(AskSignOut),
    /// It is done.
    Done(Farewell),
    /// An application says that it has heard of one. Nobody's session ends by that.
    Heard,
}

/// The question whether to sign out, and who.
#[derive(Debug)]
pub struct AskSignOut {
    /// Under which path segment it runs.
    pub authority: Authority,
    /// The accounts that are meant.
    pub accounts: Vec<Tile>,
    /// The request, to be sent again with the answer.
    pub fields: Vec<(&'static str, String)>,
    /// Why the person is asked.
    pub because: String,
}

/// What is left to do once nobody is signed in any more.
#[derive(Debug, Default)]
pub struct Farewell {
    /// Addresses to open in hidden frames: the applications are told.
    pub tell: Vec<String>,
    /// Where the browser goes then; our own page if nowhere.
    pub next: Option<String>,
    /// Where it was to go, but may not.
    pub unregistered: Option<String>,
}

/// The accounts that a sign-out may mean: each once, with all its entries.
struct Present {
    stored: Stored<Session>,
    accounts: Vec<(SignedIn, Vec<SignedIn>)>,
}

impl Broker {
    /// `/{t}/oauth2/v2.0/logout`: ends the session of the account that is meant, at every tenant,
    /// once it is clear that the person wants it. Nothing is redirected to but a registered URI.
    pub async fn sign_out(&self, here: &Here, call: &SignOutCall<'_>) -> Result<SignedOut, Fault> {
        let (authority, hint) = retry!(self.sign_out_request(call).await)?;
        let wanted = Wanted {
            from: call.from,
            answer: call.answer,
            asked: AskedBy::Client {
                hint: hint.as_ref(),
                named: call.request.logout_hint.as_deref(),
            },
            fields: call.request.fields(),
        };
        let ended = match self.end_sessions(here, &wanted, authority).await? {
            Ok(ended) => ended,
            Err(ask) => return Ok(SignedOut::Ask(ask)),
        };
        // Nobody is signed in any more, whatever happens from here on.
        let farewell = retry!(self.farewell(here, call, authority, hint.as_ref(), &ended).await)?;
        Ok(SignedOut::Done(farewell))
    }

    /// Ends what is to be ended, or says what to ask.
    pub(super) async fn end_sessions(
        &self,
        here: &Here,
        wanted: &Wanted<'_>,
        authority: Authority,
    ) -> Result<Result<Vec<SignedIn>, AskSignOut>, Fault> {
        retry!(self.try_sign_out(here, wanted, authority).await)
    }

    /// The authority, and what the `id_token_hint` says.
    async fn sign_out_request(
        &self,
        call: &SignOutCall<'_>,
    ) -> Result<(Authority, Option<IdTokenHint>), Failure> {
        let shown: String = call.segment.chars().take(80).collect();
        let authority = self.resolve_segment(call.segment).await?;
        let authority = authority.ok_or_else(|| say::tenant_not_found(shown))?;
        let Some(token) = &call.request.id_token_hint else { return Ok((authority, None)) };
        let hint = self.read_hint(token).await?;
        let known = self.find_application(hint.client).await?.is_some();
        if !known || !hint.fits(call.request.client_id, authority.tenant()) {
            return Err(say::id_token_hint_invalid().into());
        }
        Ok((authority, Some(hint)))
    }

    /// Reads an id token that comes back: our signature, of whatever age.
    pub(super) async fn read_hint(&self, token: &str) -> Result<IdTokenHint, Fault> {
        let claims = self.own_token(token).await;
        let hint = claims.ok().as_ref().and_then(IdTokenHint::read);
        hint.ok_or_else(say::id_token_hint_invalid)
    }

    async fn try_sign_out(
        &self,
        here: &Here,
        wanted: &Wanted<'_>,
        authority: Authority,
    ) -> Result<Result<Vec<SignedIn>, AskSignOut>, Failure> {
        let Some(mut present) = self.present(here, authority).await? else {
            return Ok(Ok(Vec::new()));
        };
        let signed = self.unused(wanted).await?;
        let decision = self.decide_sign_out(here, wanted, signed.is_some(), &present).await?;
        let because = decision.trace().entries().last().map(|entry| entry.because.clone());
        tracing::info!(rule = decision.decided_by(), because, "sign-out");
        let meant = match decision.into_parts().0 {
            Outcome::NobodyIsSignedIn => return Ok(Ok(Vec::new())),
            Outcome::Ask(meant) => {
                let accounts = meant.iter().filter_map(|index| present.accounts.get(*index));
                return Ok(Err(AskSignOut {
                    authority,
                    accounts: accounts.map(|(account, _)| tile(account)).collect(),
                    fields: wanted.fields.clone(),
                    because: because.unwrap_or_default(),
                }));
            }
            Outcome::SignOut(meant) => meant,
        };
        let meant = meant.into_iter().filter_map(|index| present.accounts.get(index));
        let meant: Vec<SignedIn> = meant.map(|(account, _)| account.clone()).collect();
        let ended = present.stored.record.sign_out(&meant);
        let mut changes = ChangeSet::new();
        if let Some(used) = signed {
            changes.insert(used);
        }
        match present.stored.record.is_empty() {
            true => changes.delete(&present.stored),
            false => changes.update(&present.stored),
        };
        self.store.commit(changes).await?;
        Ok(Ok(ended))
    }

    /// What an application has signed, if that did not come before. A request that comes again says
    /// no more than one that nobody signed.
    async fn unused<'w>(
        &self,
        wanted: &'w Wanted<'_>,
    ) -> Result<Option<&'w UsedAssertion>, Failure> {
        let AskedBy::Saml(AskedByName { signed: Some(signed), .. }) = &wanted.asked else {
            return Ok(None);
        };
        let before = self.store.get::<UsedAssertion>(by::used_assertion(&signed.key)).await?;
        Ok(before.is_none().then_some(signed))
    }

    /// Who is signed in at the endpoint, in the browser's session.
    async fn present(&self, here: &Here, at: Authority) -> Result<Option<Present>, Failure> {
        let Some(key) = &here.session else { return Ok(None) };
        let stored = self.store.get::<Session>(by::session(&key.digest())).await?;
        let Some(stored) = stored else { return Ok(None) };
        let now = self.clock.now();
        let everywhere = stored.at(None, now);
        let mut accounts: Vec<(SignedIn, Vec<SignedIn>)> = Vec::new();
        for entry in stored.at(at.tenant(), now) {
            let personal = entry.account().provider == IdentityProvider::MicrosoftAccount;
            let known = |(one, _): &(SignedIn, _)| one.account().is_same_account(entry.account());
            if (at == Authority::Organizations && personal) || accounts.iter().any(known) {
                continue;
            }
            let same = |other: &&SignedIn| other.account().is_same_account(entry.account());
            let entries = everywhere.iter().filter(same).cloned().collect();
            accounts.push((entry, entries));
        }
        Ok(Some(Present { stored, accounts }))
    }

    async fn decide_sign_out(
        &self,
        here: &Here,
        wanted: &Wanted<'_>,
        signed: bool,
        present: &Present,
    ) -> Result<Decision<Outcome>, Failure> {
        let (hint, named, by_application) = match &wanted.asked {
            AskedBy::Client { hint, named } => (*hint, *named, None),
            AskedBy::Saml(asked) => (None, None, Some(asked)),
            AskedBy::WsFed => (None, None, None),
        };
        let known_as =
            |entries: &[SignedIn]| by_application.is_some_and(|asked| asked.means(entries));
        // The claim `login_hint` of a token, or what the person signs in with.
        let user = match named.filter(|named| login_hint::is_opaque(named)) {
            Some(claim) => self.hinted_user(claim).await?,
            None => None,
        };
        let is_user = |entry: &SignedIn| {
            user.as_ref().is_some_and(|u| (u.tenant, u.id) == (entry.tenant(), entry.user()))
        };
        let accounts = present.accounts.iter().map(|(account, entries)| AccountFact {
            name: account.name().to_owned(),
            is_subject: hint.is_some_and(|hint| entries.iter().any(|e| was_issued_for(hint, e))),
            is_named_by_application: signed && known_as(entries),
            is_hinted: known_as(entries)
                || entries.iter().any(is_user)
                || named.is_some_and(|named| named.eq_ignore_ascii_case(account.name())),
        });
        let place = |sid: Uuid| {
            let mut entries = present.accounts.iter().map(|(_, entries)| entries);
            entries.position(|entries| entries.iter().any(|entry| entry.sid() == sid))
        };
        let answer = wanted.answer.and_then(|answer| match answer {
            SignOutAnswer::All => Some(Answer::All),
            SignOutAnswer::One(sid) => place(sid).map(Answer::One),
        });
        let entries: Vec<&SignedIn> =
            present.accounts.iter().flat_map(|(_, entries)| entries).collect();
        // A request for another session says nothing of this one, wherever it comes from.
        let other_session = by_application.is_some_and(|asked| {
            !asked.sessions.is_empty() && !present.accounts.iter().any(|(_, e)| asked.means(e))
        });
        let came_from = match other_session {
            true => CameFrom::OtherSession,
            false => self.came_from(here, wanted.from, &entries).await?,
        };
        Ok(sign_out::decide(&Facts {
            accounts: accounts.collect(),
            shown: wanted.asked.shown(signed),
            came_from,
            answer,
        }))
    }

    /// Who is told, and where the browser goes.
    async fn farewell(
        &self,
        here: &Here,
        call: &SignOutCall<'_>,
        authority: Authority,
        hint: Option<&IdTokenHint>,
        ended: &[SignedIn],
    ) -> Result<Farewell, Failure> {
        let tell = self.front_channel(here, ended, None).await?;
        let target = call.request.post_logout_redirect_uri.as_deref();
        let client = hint.map(|hint| hint.client).or(call.request.client_id);
        let may_go = match target {
            Some(target) => self.may_go_to(authority, client, ended, target).await?,
            None => false,
        };
        let way_on = call.request.way_back().filter(|_| may_go);
        let next = self.by_way_of_providers(here, ended, way_on).await?;
        let unregistered = target.filter(|_| !may_go).map(str::to_owned);
        Ok(Farewell { tell, next, unregistered })
    }
}

/// Whether an id token was issued for the holder of an entry: in the same session, or for the same
/// user in an earlier one.
fn was_issued_for(hint: &IdTokenHint, entry: &SignedIn) -> bool {
    let told = entry.applications().iter().map(|visited| (visited.client, visited.sid));
    let in_session = told.into_iter().any(|told| Some(told) == hint.sid.map(|s| (hint.client, s)));
    let subject = || Broker::subject(entry.tenant(), entry.user(), hint.client);
    in_session || (entry.tenant() == hint.tenant && hint.subject == subject())
}
