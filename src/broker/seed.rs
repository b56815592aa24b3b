//! Filling an empty store with a world.

use jiff::Timestamp;

use super::graph::invitation_mail;
use super::{StartFault, WorldSource};
use crate::clock::Clock;
use crate::config::world::{Settings, World};
use crate::directory::{Invitation, InvitationStatus};
use crate::entropy::Entropy;
use crate::ids::{InvitationId, TicketValue};
use crate::jose::KeyRecord;
use crate::mail::{Content, Message};
use crate::store::records::by;
use crate::store::{ChangeSet, CommitFault, Store, StoreFault};

/// The settings of a store: an empty one is seeded first, a used one must be of the same world.
pub(super) async fn settings(
    store: &Store,
    clock: &Clock,
    entropy: &Entropy,
    source: &WorldSource,
) -> Result<Settings, StartFault> {
    let world = World::parse(&source.text, &source.name, clock.now())?;
    if let Some(stored) = store.get::<Settings>(by::settings()).await? {
        if stored.world != world.settings.world {
            return Err(StartFault::OtherWorld(source.name.clone()));
        }
        return Ok(stored.record);
    }
    let settings = Settings { secret: entropy.token(), ..world.settings.clone() };
    let mut changes = ChangeSet::new();
    fill(&mut changes, &world, &settings, entropy);
    match store.commit(changes).await {
        Ok(()) => Ok(settings),
        // Another replica was faster: its settings are everybody's.
        Err(CommitFault::Conflict) => match store.get::<Settings>(by::settings()).await? {
            Some(stored) => Ok(stored.record),
            None => Err(failed(CommitFault::Conflict)),
        },
        Err(fault) => Err(failed(fault)),
    }
}

/// The world as at the start, in one commit; the secret of the installation and its keys stay.
pub(super) async fn reset(
    store: &Store,
    clock: &Clock,
    entropy: &Entropy,
    source: &WorldSource,
    settings: &Settings,
) -> Result<(), StartFault> {
    let world = World::parse(&source.text, &source.name, clock.now())?;
    let mut changes = ChangeSet::replacing_everything();
    if let Some(keys) = store.get::<KeyRecord>(by::keys()).await? {
        changes.insert(&keys.record);
    }
    fill(&mut changes, &world, settings, entropy);
    store.commit(changes).await.map_err(failed)
}

fn failed(fault: CommitFault) -> StartFault {
    StartFault::Store(match fault {
        CommitFault::Store(fault) => fault,
        other => StoreFault::Backend(other.to_string()),
    })
}

fn fill(changes: &mut ChangeSet, world: &World, settings: &Settings, entropy: &Entropy) {
    macro_rules! insert_all {
        ($($list:ident)*) => {$(
            for record in &world.$list {
                changes.insert(record);
            }
        )*};
    }
    changes.insert(settings);
    for app in world.applications.iter().filter(|app| app.emit_unverified_email) {
        let (app, id) = (&app.display_name, app.client_id);
        tracing::warn!(app, %id, "tokens name addresses that nobody has proven (nOAuth)");
    }
    insert_all!(tenants users social_accounts applications service_principals assignments);
    insert_all!(federation_accounts service_providers);
    insert_all!(consents app_role_assignments contacts groups acceptances);
    for seeded in &world.invitations {
        let guest = world.users.iter().find(|u| u.tenant == seeded.tenant && u.id == seeded.guest);
        let tenant = world.tenants.iter().find(|tenant| tenant.id == seeded.tenant);
        let external = guest.and_then(|guest| guest.external.as_ref());
        let (Some(tenant), Some(external)) = (tenant, external) else { continue };
        let ticket = TicketValue::new(entropy.token());
        let invitation = Invitation {
            id: InvitationId::new(entropy.guid()),
            tenant: seeded.tenant,
            guest: seeded.guest,
            invited_user_email_address: external.invited_user_email_address.clone(),
            ticket: ticket.digest(),
            invite_redirect_url: None,
            status: InvitationStatus::PendingAcceptance,
            created_at: seeded.sent_at,
            expires_at: expiry(tenant.invitation_lifetime, seeded.sent_at),
        };
        let mail = invitation_mail(tenant, &invitation, &ticket, None, None, None);
        let to = invitation.invited_user_email_address.clone();
        let content = Content::Invitation(mail);
        changes.insert(&invitation);
        changes.insert(&Message::new(to, Some(tenant.id), content, seeded.sent_at, entropy));
    }
}

/// When an invitation ends, if the tenant has set a lifetime.
pub(super) fn expiry(lifetime: Option<jiff::Span>, from: Timestamp) -> Option<Timestamp> {
    let start = from.to_zoned(jiff::tz::TimeZone::UTC);
    lifetime.and_then(|span| start.checked_add(span).ok()).map(|end| end.timestamp())
}
