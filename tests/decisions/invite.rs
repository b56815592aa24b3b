//! Whether an invitation may be sent.

use std::path::Path;

use guestpass::decide::invite::{self, Caller, Facts, Invitee, Outcome};
use guestpass::directory::{AllowInvitesFrom, Role, User, UserType};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    allow_invites_from: AllowInvitesFrom,
    caller: String,
    #[serde(default)]
    roles: Vec<Role>,
    #[serde(default = "yes")]
    has_permission: bool,
    #[serde(default)]
    invited_user_type: String,
    invitee: String,
}

fn yes() -> bool {
    true
}

pub(super) fn case(path: &Path) -> datatest_stable::Result<()> {
    super::run(path, decide, |outcome| match outcome {
        Outcome::Create => "create".to_owned(),
        Outcome::InviteAgain(_) => "invite again".to_owned(),
        Outcome::Refused(fault) => format!("refused {} {}", fault.status, fault.code),
    })
}

fn decide(input: Input) -> guestpass::decide::Decision<Outcome> {
    let mut caller = external("ian@contoso.example", true);
    caller.external = None;
    caller.roles = input.roles;
    caller.user_type = if input.caller == "guest" { UserType::Guest } else { UserType::Member };
    let mut invitee = external("frank@northwind.example", input.invitee == "redeemed");
    invitee.account_enabled = input.invitee != "disabled";
    if input.invitee == "member" {
        invitee.external = None;
    }
    let member_asked = input.invited_user_type == "Member";
    invite::decide(&Facts {
        allow_invites_from: input.allow_invites_from,
        caller: match input.caller.as_str() {
            "application" => Caller::Application,
            "member" | "guest" => Caller::User(&caller),
            other => panic!("no caller {other:?}"),
        },
        has_permission: input.has_permission,
        address: &"frank@northwind.example".parse().unwrap(),
        invited_user_type: if member_asked { UserType::Member } else { UserType::Guest },
        invitee: match input.invitee.as_str() {
            "unknown" => Invitee::Unknown,
            "own-domain" => Invitee::OwnDomain,
            _ => Invitee::User(&invitee),
        },
    })
}

fn external(address: &str, accepted: bool) -> User {
    let guest: super::access::Guest =
        toml::from_str(&format!("address = '{address}'\naccepted = {accepted}")).unwrap();
    super::access::user(7, &guest)
}
