use std::sync::Arc;

use uuid::Uuid;

use super::*;
use crate::broker::{Here, Origins, Parts, WorldSource};
use crate::clock::Clock;
use crate::directory::SocialNetwork;
use crate::entropy::Entropy;
use crate::ids::BrowserKey;
use crate::jose::KeySet;
use crate::protocol::params::Params;
use crate::store::{Key, Kind, Page, Query, Store};

const ORIGIN: &str = "http://localhost:8080";
const SLOTS: u32 = 8;

/// A broker that keeps eight sign-ins, and whose clock stands still.
async fn crowded() -> Arc<Broker> {
    let parts = Parts {
        store: Store::in_memory().unwrap(),
        clock: Clock::fixed("2026-01-01T00:00:00Z".parse().unwrap()),
        entropy: Entropy::seeded(1),
        keys: KeySet::development().unwrap(),
        origins: Origins::new(vec![ORIGIN.to_owned()], None),
        on_loopback: true,
        world: WorldSource::default_world(),
    };
    let broker = Broker::start(parts).await.unwrap();
    let mut broker = Arc::try_unwrap(broker).unwrap();
    broker.slots = SLOTS;
    Arc::new(broker)
}

fn here() -> Here {
    Here {
        origin: ORIGIN.to_owned(),
        browser: BrowserKey::new("a".repeat(43)),
        session: None,
        user_agent: String::new(),
        peer: "local".to_owned(),
        trace_id: uuid::Uuid::nil(),
        correlation_id: uuid::Uuid::nil(),
    }
}

/// Starts a sign-in at Contoso Web.
async fn begin(broker: &Broker) -> InteractionId {
    let request = "client_id=c0a70500-0000-4000-8000-0000000000a1&response_type=code&scope=openid\
                   &redirect_uri=http://localhost:3000/auth/callback";
    let params = Params::parse(request).unwrap();
    broker.authorize(&here(), "contoso.example", &params).await.unwrap().interaction
}

async fn kept<T: Record>(broker: &Broker, kind: Kind) -> usize {
    let all = Query::All(kind, String::new());
    broker.store.search::<T>(&all, &Page::ALL).await.unwrap().len()
}

async fn is_kept(broker: &Broker, id: InteractionId) -> bool {
    let key = Key::global(Kind::Interaction, id);
    broker.store.get::<InteractionRecord>(key).await.unwrap().is_some()
}

#[tokio::test]
async fn keeps_so_many_sign_ins_and_lets_the_first_ones_go() {
    let broker = crowded().await;
    let mut begun = Vec::new();
    for _ in 0..200 {
        broker.clock.advance("PT1S".parse().unwrap()).unwrap();
        begun.push(begin(&broker).await);
        assert!(is_kept(&broker, *begun.last().unwrap()).await, "the new one is always kept");
    }
    assert_eq!(kept::<InteractionRecord>(&broker, Kind::Interaction).await, SLOTS as usize);
    for old in &begun[..150] {
        assert!(!is_kept(&broker, *old).await, "an old one outlived fifty newer ones");
    }
}

#[tokio::test]
async fn a_sign_in_that_is_over_leaves_before_one_that_is_not() {
    let broker = crowded().await;
    for _ in 0..100 {
        begin(&broker).await;
    }
    // `prompt=none` without a session ends at once.
    let ended = "client_id=c0a70500-0000-4000-8000-0000000000a1&response_type=code&scope=openid\
                 &redirect_uri=http://localhost:3000/auth/callback&prompt=none";
    let ended = Params::parse(ended).unwrap();
    let ended = broker.authorize(&here(), "contoso.example", &ended).await.unwrap().interaction;
    let mut others = 0;
    while is_kept(&broker, ended).await {
        others += 1;
        assert!(others < 50, "it was never drawn");
        begin(&broker).await;
    }
    let places = places(ended, SLOTS);
    assert!(places.iter().all(|place| *place < SLOTS), "{places:?}");
}

#[tokio::test]
async fn devices_and_sign_ins_at_google_have_a_limit_too() {
    let broker = crowded().await;
    let device = "client_id=c0a70500-0000-4000-8000-0000000000a3&scope=openid";
    let device = Params::parse(device).unwrap();
    let callback = format!("{ORIGIN}/te/c0a70500-0000-4000-8000-00000000c0a7/oauth2/authresp");
    let callback: String = url::form_urlencoded::byte_serialize(callback.as_bytes()).collect();
    let google = format!(
        "client_id={}&response_type=code&redirect_uri={callback}&code_challenge={}\
         &code_challenge_method=S256",
        crate::upstream::social::client_id(SocialNetwork::Google),
        "A".repeat(43)
    );
    let google = Params::parse(&google).unwrap();
    for _ in 0..100 {
        broker.device_code(ORIGIN, "contoso.example", &device).await.unwrap();
        broker.social_authorize(SocialNetwork::Google, &here(), &google).await.unwrap();
    }
    assert_eq!(kept::<DeviceRecord>(&broker, Kind::Device).await, SLOTS as usize);
    assert_eq!(kept::<SocialSignIn>(&broker, Kind::SocialSignIn).await, SLOTS as usize);
}

#[test]
fn draws_places_evenly() {
    let mut counts = [0_u32; 16];
    let entropy = Entropy::seeded(3);
    for _ in 0..4_000 {
        for place in places(InteractionId::new(entropy.guid()), 16) {
            counts[place as usize] += 1;
        }
    }
    let chi: f64 = counts.iter().map(|n| (f64::from(*n) - 1000.0).powi(2) / 1000.0).sum();
    assert!(chi < 44.3, "chi-square {chi} over 15 degrees of freedom (p < 0.0001)");
    assert_eq!(places(InteractionId::new(Uuid::nil()), 16), [0; 4]);
}
