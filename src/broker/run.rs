//! A sign-in in hand: its state, and the changes that one request makes to it.

use uuid::Uuid;

use super::failure::Failure;
use super::{Body, Broker, Here, NewSession, Reply};
use crate::directory::first_party;
use crate::fault::say;
use crate::ids::{InteractionId, SessionKey};
use crate::interaction::{
    Authenticated, Ended, Interaction, InteractionRecord, Outcome, Session, SignedIn, Visited,
};
use crate::protocol::authority::Authority;
use crate::store::records::by;
use crate::store::{ChangeSet, Stored};

/// A sign-in in hand.
#[derive(Debug)]
pub(super) struct Run<'h> {
    pub(super) here: &'h Here,
    pub(super) interaction: Interaction,
    /// The version it was read at; `None` if it is new.
    version: Option<u64>,
    /// Its place among the sign-ins that are kept.
    slot: Option<u32>,
    /// Whether the state differs from the one that was read.
    changed: bool,
    /// Changes beside the sign-in itself.
    pub(super) changes: ChangeSet,
    session: Option<Stored<Session>>,
    new_session: Option<(SessionKey, Session)>,
}

impl Broker {
    /// A sign-in that starts with this request.
    pub(super) async fn begin<'h>(
        &self,
        here: &'h Here,
        interaction: Interaction,
    ) -> Result<Run<'h>, Failure> {
        let session = self.session(here).await?;
        Ok(Run {
            here,
            interaction,
            version: None,
            slot: None,
            changed: true,
            changes: ChangeSet::new(),
            session,
            new_session: None,
        })
    }

    /// The sign-in of an address, if it belongs to this browser and runs under this segment.
    pub(super) async fn load<'h>(
        &self,
        here: &'h Here,
        authority: Option<Authority>,
        id: InteractionId,
    ) -> Result<Run<'h>, Failure> {
        let stored = self.store.get::<InteractionRecord>(by::interaction(id)).await?;
        let Stored { version, record } = stored.ok_or_else(say::sign_in_gone)?;
        let InteractionRecord { interaction, slot } = record;
        let core = interaction.core();
        let ours = core.browser.matches(&here.browser.digest())
            && authority.is_none_or(|authority| authority == core.authority);
        if !ours || core.expires_at <= self.clock.now() {
            return Err(say::sign_in_gone().into());
        }
        let session = self.session(here).await?;
        Ok(Run {
            here,
            interaction,
            version: Some(version),
            slot,
            changed: false,
            changes: ChangeSet::new(),
            session,
            new_session: None,
        })
    }

    async fn session(&self, here: &Here) -> Result<Option<Stored<Session>>, Failure> {
        match &here.session {
            Some(key) => Ok(self.store.get(by::session(&key.digest())).await?),
            None => Ok(None),
        }
    }

    /// Commits what the request changed.
    pub(super) async fn save(&self, run: &mut Run<'_>) -> Result<(), Failure> {
        let mut changes = std::mem::take(&mut run.changes);
        if run.version.is_none() {
            run.slot = Some(self.slot_for_sign_in(run.interaction.core().id, &mut changes).await?);
        }
        let record = InteractionRecord { interaction: run.interaction.clone(), slot: run.slot };
        if run.changed {
            match run.version {
                Some(version) => changes.update(&Stored { version, record }),
                None => changes.insert(&record),
            };
        } else if let (Some(version), false) = (run.version, changes.is_empty()) {
            changes.unchanged(&Stored { version, record });
        }
        if let Some((_, session)) = &run.new_session {
            changes.overwrite(session);
            if let Some(old) = run.session.as_ref().filter(|old| old.key() != session.key()) {
                changes.delete(old);
            }
        }
        if changes.is_empty() {
            return Ok(());
        }
        Ok(self.store.commit(changes).await?)
    }

    /// Commits, and answers with `body`.
    pub(super) async fn reply(&self, mut run: Run<'_>, body: Body) -> Result<Reply, Failure> {
        self.save(&mut run).await?;
        let core = run.interaction.core();
        let session = run.new_session.as_ref().map(|(key, session)| NewSession {
            key: key.clone(),
            persistent: session.is_persistent(),
        });
        Ok(Reply { interaction: core.id, authority: core.authority, session, body })
    }

    /// Commits, and sends the browser to the dispatcher.
    pub(super) async fn to_resume(&self, run: Run<'_>) -> Result<Reply, Failure> {
        let core = run.interaction.core();
        let to = format!("/{}/resume/{}", core.authority, core.id);
        self.reply(run, Body::Go(to)).await
    }

    /// Puts a proof into the browser's session, under a new key, and gives its `sid`.
    pub(super) fn sign_in(&self, run: &mut Run<'_>, who: &Authenticated) -> Uuid {
        let sid = self.entropy.guid();
        let now = self.clock.now();
        let (_, session) = self.rekeyed(run);
        session.sign_in(who, sid, now);
        sid
    }

    /// The session under a new key; the old one ends with the commit.
    pub(super) fn rekeyed<'r>(&self, run: &'r mut Run<'_>) -> &'r mut (SessionKey, Session) {
        let old = run.session.as_ref().map(|stored| stored.record.clone());
        run.new_session.get_or_insert_with(|| {
            let key = SessionKey::new(self.entropy.token());
            let session = match old {
                Some(old) => old.rekeyed(key.digest()),
                None => Session::new(key.digest()),
            };
            (key, session)
        })
    }
}

impl Run<'_> {
    /// Another state.
    pub(super) fn become_state(&mut self, interaction: Interaction) {
        self.interaction = interaction;
        self.changed = true;
    }

    /// Over.
    pub(super) fn end(&mut self, outcome: Outcome, way_on: Option<String>) {
        let ended: Ended = self.interaction.end(outcome, way_on);
        self.become_state(Interaction::Ended(ended));
    }

    /// The live sessions of the browser at a tenant, or anywhere.
    pub(super) fn sessions(
        &self,
        tenant: Option<crate::ids::TenantId>,
        now: jiff::Timestamp,
    ) -> Vec<SignedIn> {
        let session = match (&self.new_session, &self.session) {
            (Some((_, session)), _) => Some(session),
            (None, Some(stored)) => Some(&stored.record),
            (None, None) => None,
        };
        session.map(|session| session.at(tenant, now)).unwrap_or_default()
    }

    /// Remembers in the browser's session that it signed into an application, which is told of a
    /// sign-out. The broker's own sign-ins at a home are none.
    pub(super) fn visit(&mut self, visited: Visited) {
        if visited.client == first_party::BROKER {
            return;
        }
        match (&mut self.new_session, &mut self.session) {
            (Some((_, session)), _) => {
                session.visit(visited);
            }
            (None, Some(stored)) => {
                if stored.record.visit(visited) {
                    self.changes.update(stored);
                }
            }
            (None, None) => {}
        }
    }

    /// Whether the account that was proven in this sign-in is still signed in, in the session of
    /// this request. The browser's own cookie is older than the proof and may have been planted.
    pub(super) fn check_session(&self, now: jiff::Timestamp) -> Result<(), Failure> {
        let who = match &self.interaction {
            Interaction::Consenting(state) => &state.authenticated,
            Interaction::Redeeming(state) => &state.authenticated,
            _ => return Ok(()),
        };
        let account = who.proven().account();
        let sessions = self.sessions(Some(who.tenant()), now);
        match sessions.iter().any(|session| session.account().is_same_account(account)) {
            true => Ok(()),
            false => Err(say::sign_in_gone().into()),
        }
    }

    /// The new session, so that its cookie can still be set after the sign-in was read again.
    pub(super) fn take_new_session(&mut self) -> Option<(SessionKey, Session)> {
        self.new_session.take()
    }

    /// A session that was committed already, whose cookie is still to be set.
    pub(super) fn put_new_session(&mut self, session: Option<(SessionKey, Session)>) {
        self.new_session = session;
    }
}
