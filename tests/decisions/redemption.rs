//! What a guest still has to agree to.

use std::path::Path;

use guestpass::decide::redemption::{
    self, Attributes, Facts, Outcome, Review, Standing, TermsFact,
};
use serde::Deserialize;
use uuid::Uuid;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    standing: String,
    #[serde(default)]
    review: String,
    #[serde(default)]
    terms: Vec<Terms>,
    #[serde(default)]
    attributes: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Terms {
    name: String,
    accepted: bool,
}

pub(super) fn case(path: &Path) -> datatest_stable::Result<()> {
    super::run(
        path,
        |input: Input| redemption::decide(&facts(&input)),
        |outcome| match outcome {
            Outcome::Attributes => "attributes".to_owned(),
            Outcome::Complete => "complete".to_owned(),
            Outcome::ReviewPermissions => "review".to_owned(),
            Outcome::TermsOfUse(id) => format!("terms {}", id.as_uuid().as_u128()),
        },
    )
}

fn facts(input: &Input) -> Facts {
    Facts {
        standing: match input.standing.as_str() {
            "accepted" => Standing::Accepted,
            "member" => Standing::Member,
            "pending" => Standing::Pending,
            other => panic!("no standing {other:?}"),
        },
        review: match input.review.as_str() {
            "" => Review::Outstanding,
            "accepted" => Review::Accepted,
            "automatic" => Review::AutomaticRedemption,
            "admin-consent" => Review::AdminConsent,
            other => panic!("no review {other:?}"),
        },
        terms: (1..)
            .zip(&input.terms)
            .map(|(number, terms)| TermsFact {
                id: guestpass::ids::TermsId::new(Uuid::from_u128(number)),
                name: terms.name.clone(),
                accepted: terms.accepted,
            })
            .collect(),
        attributes: match input.attributes.as_str() {
            "" => Attributes::NotAsked,
            "collected" => Attributes::Collected,
            "outstanding" => Attributes::Outstanding,
            other => panic!("no attributes {other:?}"),
        },
    }
}
