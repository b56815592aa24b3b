//! What a tenant says of itself.

use axum::body::Body;
use axum::http::Method;

use super::help::{metadata_of, sign_on_server};
use crate::support::*;

const PATH: &str = "federationmetadata/2007-06/federationmetadata.xml";

#[tokio::test]
async fn names_the_tenant_its_addresses_and_its_keys() {
    let server = server().await;
    let metadata = metadata_of(&server, "contoso.example").await;
    let v1 = get(&server, &format!("/{CONTOSO}/.well-known/openid-configuration")).await.json();
    assert_eq!(metadata.entity_id, v1["issuer"], "the issuer of v1.0");
    let provider = metadata.provider.unwrap();
    let saml = format!("{}/{CONTOSO}/saml2", server.origin());
    assert_eq!(provider.sign_on.as_ref(), Some(&saml));
    assert_eq!(provider.logout.as_ref(), Some(&saml));
    assert_eq!(provider.passive, Some(format!("{}/{CONTOSO}/wsfed", server.origin())));
    assert!(!provider.wants_requests_signed);
    let keys = get(&server, &format!("/{CONTOSO}/discovery/v2.0/keys")).await.json();
    let x5c = keys["keys"][0]["x5c"][0].as_str().unwrap();
    assert_eq!(provider.certificates[0].to_base64(), x5c);
}

#[tokio::test]
async fn is_the_same_by_either_spelling_and_for_an_application() {
    let server = sign_on_server().await;
    let answer = get(&server, &format!("/{CONTOSO}/{PATH}")).await;
    assert_eq!(answer.header("content-type"), "application/xml; charset=utf-8");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let upper = "FederationMetadata/2007-06/FederationMetadata.xml";
    let app = "c0a70500-0000-4000-8000-0000000000b1";
    for path in [format!("/{CONTOSO}/{upper}"), format!("/{CONTOSO}/{PATH}?appid={app}")] {
        assert_eq!(get(&server, &path).await.body, answer.body, "{path}");
    }
    for appid in ["none", "c0a70500-0000-4000-8000-0000000000ff"] {
        let answer = get(&server, &format!("/{CONTOSO}/{PATH}?appid={appid}")).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.json()["error_codes"][0], 700016, "{}", answer.body);
    }
    let nowhere = get(&server, &format!("/nowhere.example/{PATH}")).await;
    assert_eq!(nowhere.json()["error_codes"][0], 90002, "{}", nowhere.body);
}

#[tokio::test]
async fn is_a_template_where_no_tenant_is_named() {
    let server = server().await;
    for authority in ["common", "organizations"] {
        let metadata = metadata_of(&server, authority).await;
        assert_eq!(metadata.entity_id, "https://sts.windows.net/{tenantid}/");
        let sign_on = metadata.provider.unwrap().sign_on.unwrap();
        assert_eq!(sign_on, format!("{}/{authority}/saml2", server.origin()));
    }
    let consumers = metadata_of(&server, "consumers").await;
    let id = "9188040d-6c67-4c5b-b112-36a304b66dad";
    assert_eq!(consumers.entity_id, format!("https://sts.windows.net/{id}/"));
}

#[tokio::test]
async fn tells_the_new_key_and_the_old_one_after_a_rotation() {
    let server = server().await;
    let old = metadata_of(&server, CONTOSO).await.provider.unwrap().certificates;
    let answer = send(&server, Method::POST, "/_guestpass/keys/rotate", &[], Body::empty()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let both = metadata_of(&server, CONTOSO).await.provider.unwrap().certificates;
    assert_eq!((both.len(), &both[1]), (2, &old[0]));
    assert_ne!(both[0], old[0]);
}
