//! The numbers of Entra's that guestpass never answers with, and why.

/// Numbers, and why they do not occur.
pub(super) const LEFT_OUT: &[(&[u32], &str)] = &[
    (
        &[28002, 28003, 650053],
        "A scope that does not exist is 70011 (`invalid_scope`) wherever it is asked for, and an empty one counts as none (RFC 6749 §3.2).",
    ),
    (
        &[40009, 40015],
        "A provider that refuses a code or a token is 90123, as one that refuses the sign-in.",
    ),
    (&[50000], "What fails inside is `internal`."),
    (
        &[50021, 50022, 500021, 500022],
        "There are no tenant restrictions (`Restrict-Access-To-Tenants`): no proxy stands before a test.",
    ),
    (&[50042, 50043], "The salt of `sub` cannot be missing: it is made of ids."),
    (&[50055], "Passwords do not expire."),
    (
        &[
            50072, 50074, 50076, 50078, 50079, 50097, 50158, 50177, 50178, 53000, 53001, 53002,
            53003, 53004, 53011, 530004, 530032, 530034, 530035, 70043, 90071, 90072, 50131,
        ],
        "There is no Conditional Access, and no second factor, yet.",
    ),
    (
        &[50132, 50133],
        "A session ends with what it rests on: `prompt=none` is 50058 then, a refresh token 50173.",
    ),
    (
        &[50140, 50197, 50199],
        "*Stay signed in?* and *Are you trying to sign in?* are pages; nobody is refused because of them.",
    ),
    (&[50196], "A client may ask as often as it likes: a test does."),
    (
        &[500211, 51004, 70001],
        "Other numbers of 50020, 50034 and 700016; nothing is published that tells them apart.",
    ),
    (
        &[500212, 500213],
        "There are no cross-tenant access policies, yet, but automatic redemption.",
    ),
    (
        &[650054, 650057, 90008],
        "Applications list no `requiredResourceAccess`: whatever is offered may be asked for.",
    ),
    (&[70002], "An older wrapper around 7000215 and 70008."),
    (
        &[700081],
        "A refresh token has no maximum lifetime but that of single-page applications (700084).",
    ),
    (&[90014, 90056], "A parameter that is missing is 900144, a wrong method 900561."),
    (&[20001], "A provider's WS-Federation answer that cannot be read is 20012."),
    (&[90084], "A WS-Federation application that wants no guests requires assignment (50105)."),
    (&[90095], "There is no workflow by which an administrator is asked: 90094 it is."),
    (&[240001], "No devices are registered."),
];
