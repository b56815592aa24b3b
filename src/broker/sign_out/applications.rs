//! The applications that a session signed into: their pages, and how they are told.

use crate::broker::failure::Failure;
use crate::broker::{Broker, Here};
use crate::decide::sign_out::CameFrom;
use crate::directory::{Application, ServicePrincipal, sts_issuer};
use crate::federation::wsfed::request::clean_up;
use crate::ids::ClientId;
use crate::interaction::{SignedIn, Visited, VisitedBy};
use crate::protocol::authority::Authority;
use crate::protocol::sign_out as messages;
use crate::store::Page;
use crate::store::records::by;

/// More frames than a browser should open for one sign-out.
const MOST_FRAMES: usize = 256;

impl Broker {
    /// Whether the browser came from a page of an application that one of the entries signed into,
    /// or from one of ours. The browser says so in `Origin` or `Referer`, which no other page can
    /// write; a page can only have it say nothing.
    pub(super) async fn came_from(
        &self,
        here: &Here,
        origin: Option<&str>,
        entries: &[&SignedIn],
    ) -> Result<CameFrom, Failure> {
        let Some(origin) = origin else { return Ok(CameFrom::Elsewhere) };
        if origin == here.origin {
            return Ok(CameFrom::Application);
        }
        for application in self.visited(entries).await? {
            if messages::is_page_of(&application, origin) {
                return Ok(CameFrom::Application);
            }
        }
        Ok(CameFrom::Elsewhere)
    }

    /// The applications that some entries signed into.
    async fn visited(&self, entries: &[&SignedIn]) -> Result<Vec<Application>, Failure> {
        let mut clients: Vec<ClientId> =
            entries.iter().flat_map(|entry| entry.applications()).map(|one| one.client).collect();
        clients.sort();
        clients.dedup();
        let mut applications = Vec::new();
        for client in clients {
            applications.extend(self.find_application(client).await?);
        }
        Ok(applications)
    }

    /// Whether an application that can have asked has registered the address: the one that is
    /// named, or else one that was signed into, or else one of the tenant.
    pub(in crate::broker) async fn may_go_to(
        &self,
        authority: Authority,
        client: Option<ClientId>,
        ended: &[SignedIn],
        target: &str,
    ) -> Result<bool, Failure> {
        let registered = |app: &Application| messages::is_registered(app, target);
        if let Some(client) = client {
            return Ok(self.find_application(client).await?.is_some_and(|app| registered(&app)));
        }
        let ended: Vec<&SignedIn> = ended.iter().collect();
        if self.visited(&ended).await?.iter().any(registered) {
            return Ok(true);
        }
        let Some(tenant) = authority.tenant() else { return Ok(false) };
        let query = by::service_principals_of(tenant);
        let principals = self.store.search::<ServicePrincipal>(&query, &Page::ALL).await?;
        for principal in principals {
            let app = self.find_application(principal.app_id).await?;
            if app.is_some_and(|app| registered(&app)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The addresses by which the applications of ended entries are told, but for the one that
    /// asked: each by the protocol by which it was signed into.
    pub(in crate::broker) async fn front_channel(
        &self,
        here: &Here,
        ended: &[SignedIn],
        but: Option<ClientId>,
    ) -> Result<Vec<String>, Failure> {
        let mut tell = Vec::new();
        for entry in ended {
            let issuer = self.issuer(here, entry.tenant());
            let visited = entry.applications().iter();
            for Visited { client, sid, by } in visited.filter(|v| Some(v.client) != but) {
                let application = self.find_application(*client).await?;
                let url = application.and_then(|application| application.logout_url);
                let address = url.map(|url| match by {
                    VisitedBy::Oidc => messages::front_channel(&url, &issuer, *sid),
                    VisitedBy::OidcV1 => {
                        let issuer = sts_issuer(entry.tenant());
                        messages::front_channel(&url, &issuer, *sid)
                    }
                    VisitedBy::Saml { name, format } => {
                        self.logout_request(entry.tenant(), &url, (name, format), *sid)
                    }
                    VisitedBy::WsFed => clean_up(&url),
                });
                tell.extend(address);
            }
        }
        tell.dedup();
        tell.truncate(MOST_FRAMES);
        Ok(tell)
    }
}
