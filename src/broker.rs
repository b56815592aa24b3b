//! The only asynchronous domain code: load facts, decide (pure), transition (pure), commit, effects.
//!
//! A function here gathers what a decision needs, calls it, and turns the outcome into a
//! [`ChangeSet`](crate::store::ChangeSet). On a conflict it starts over: it loads and decides again.
//! Nothing is decided in `http/`.

mod answer;
mod answer_parts;
mod application;
mod audience;
mod callback;
mod context;
mod create_account;
mod credential_type;
mod device;
mod directory;
mod discover;
mod documents;
mod explain;
mod failure;
mod federation;
mod finish;
pub mod graph;
mod guesses;
mod hint;
mod home;
mod identify;
mod idp;
mod inbox;
mod keys;
mod known;
mod pages;
mod prove;
mod realm;
mod redeem;
mod reply;
mod resume;
mod run;
mod seed;
mod sign_in_page;
mod sign_on;
mod sign_out;
mod sign_up;
mod slots;
mod social;
mod standing;
mod start;
mod token;
mod upstream;
mod userinfo;
mod welcome;

use std::sync::Arc;

pub use context::{Here, Origins, stamp};
pub use explain::EntryName;
pub use graph::{BatchedRequest, read_batch};
pub use idp::IdpReply;
pub use inbox::InboxMessage;
pub use keys::{RotatedKey, Rotation};
pub use pages::{AppTile, MyApps, Opened, Portal, PortalUser};
pub use reply::{
    AttributeField, Body, NewSession, ProviderButton, Reply, ScopeLine, Tile, View, alert,
};
pub use sign_on::{Brought, SignOnReply, SignOutIntent};
pub use sign_out::{AskSignOut, Farewell, SignOutAnswer, SignOutCall, SignedOut};
pub use social::{SocialReply, SocialView};
pub use token::{TokenAnswer, TokenCall};
pub use userinfo::Bearer;
pub use welcome::{WelcomeApp, WelcomePerson, WelcomeTenant};

use crate::clock::Clock;
use crate::config::world::{InvalidWorld, Settings};
use crate::entropy::Entropy;
use crate::fault::Fault;
use crate::ids::{BrowserKey, InteractionId};
use crate::jose::{KeySet, MacKey};
use crate::store::Store;
use crate::upstream::http::HttpClient;
use crate::upstream::{Federations, OutsideIssuers, RelyingParty};

/// A world file: its text and its name.
#[derive(Debug, Clone)]
pub struct WorldSource {
    /// The text.
    pub text: String,
    /// The name, for errors.
    pub name: String,
}

impl WorldSource {
    /// The default world.
    pub fn default_world() -> Self {
        Self {
            text: crate::config::world::DEFAULT.to_owned(),
            name: "fixtures/worlds/contoso.toml".to_owned(),
        }
    }
}

/// What a broker is made of.
#[derive(Debug)]
pub struct Parts {
    /// Where records live.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Randomness.
    pub entropy: Entropy,
    /// Signing keys.
    pub keys: KeySet,
    /// Our own origins.
    pub origins: Origins,
    /// Whether nobody but this machine can reach the server.
    pub on_loopback: bool,
    /// What to seed an empty store with.
    pub world: WorldSource,
}

/// Why a broker could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartFault {
    /// The world file has mistakes.
    #[error(transparent)]
    World(#[from] InvalidWorld),
    /// The store was seeded with another world.
    #[error("the store was seeded with another world than {0}")]
    OtherWorld(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] crate::store::StoreFault),
}

/// The broker of one server.
#[derive(Debug)]
pub struct Broker {
    store: Store,
    clock: Clock,
    entropy: Entropy,
    keys: keys::Keys,
    documents: documents::Documents,
    mac: MacKey,
    origins: Origins,
    settings: Settings,
    world: WorldSource,
    http: HttpClient,
    relying_party: RelyingParty,
    outside_issuers: OutsideIssuers,
    federations: Federations,
    /// How many sign-ins are kept.
    slots: u32,
}

impl Broker {
    /// Starts a broker: an empty store is seeded, a used one must be of the same world.
    pub async fn start(parts: Parts) -> Result<Arc<Self>, StartFault> {
        crate::jose::install_provider();
        let Parts { store, clock, entropy, keys, origins, on_loopback, world } = parts;
        let settings = seed::settings(&store, &clock, &entropy, &world).await?;
        let mac = MacKey::of(&settings.secret, keys.work.fingerprint());
        let keys = keys::Keys::load(&store, keys, clock.now()).await?;
        let http = HttpClient::new(origins.all().to_vec());
        let outside_issuers = OutsideIssuers::new(http.clone());
        let federations = Federations::new(http.clone(), clock.clone(), on_loopback);
        let relying_party = RelyingParty::new(http.clone(), clock.clone(), entropy.clone());
        Ok(Arc::new(Self {
            store,
            clock,
            entropy,
            keys,
            documents: documents::Documents::default(),
            mac,
            origins,
            settings,
            world,
            http,
            relying_party,
            outside_issuers,
            federations,
            slots: slots::SIGN_INS,
        }))
    }

    /// The client for upstream providers, to be connected to our own router.
    pub fn http(&self) -> &HttpClient {
        &self.http
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The source of randomness.
    pub fn entropy(&self) -> &Entropy {
        &self.entropy
    }

    /// Our own origins.
    pub fn origins(&self) -> &Origins {
        &self.origins
    }

    /// `memory` or `file`, for the health check.
    pub fn store_kind(&self) -> &'static str {
        self.store.kind()
    }

    /// The token of a form: good for one step of one sign-in in one browser.
    pub fn form_token(&self, id: InteractionId, step: &str, browser: &BrowserKey) -> String {
        let browser = browser.digest();
        self.mac.code("form", &[step, &id.to_string(), browser.as_str()])
    }

    /// Whether `token` is the token of that form.
    pub fn form_token_fits(
        &self,
        id: InteractionId,
        step: &str,
        browser: &BrowserKey,
        token: &str,
    ) -> bool {
        let browser = browser.digest();
        self.mac.verifies("form", &[step, &id.to_string(), browser.as_str()], token)
    }

    /// Directory, mail, sessions, codes and clock as at the start; keys stay.
    pub async fn reset(&self) -> Result<(), StartFault> {
        let _alone = self.keys.replacing.lock().await;
        self.clock.reset();
        seed::reset(&self.store, &self.clock, &self.entropy, &self.world, &self.settings).await
    }

    /// Removes what nobody can want any more.
    pub async fn sweep(&self) -> Result<u64, crate::store::StoreFault> {
        self.refresh_keys().await?;
        self.store.sweep(self.clock.now()).await
    }

    /// The sign-in's state and trace, for `GET /_guestpass/interactions/{id}`.
    pub async fn interaction(&self, id: InteractionId) -> Result<Option<serde_json::Value>, Fault> {
        explain::described(self, id).await
    }
}
