//! Which addresses may be called.
//!
//! Metadata is somebody else's text: an address in it must not lead into the network that the server
//! stands in (SSRF). The operator's own choice, the configured issuer, may.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The addresses that may be called, of those that a name was resolved to.
pub(super) fn permitted(
    found: impl Iterator<Item = SocketAddr>,
    may_be_private: bool,
) -> Vec<SocketAddr> {
    found.filter(|address| is_allowed(address.ip(), may_be_private)).collect()
}

/// What an address is to a server that is asked to call it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Nobody's: never called (IANA special-purpose registries; cloud metadata).
    Never,
    /// This machine, this network.
    Private,
    /// The internet.
    Public,
}

fn is_allowed(address: IpAddr, may_be_private: bool) -> bool {
    let reach = match address.to_canonical() {
        IpAddr::V4(v4) => reach_of_v4(v4),
        IpAddr::V6(v6) => reach_of_v6(v6),
    };
    reach == Reach::Public || (reach == Reach::Private && may_be_private)
}

fn reach_of_v4(address: Ipv4Addr) -> Reach {
    match address.octets() {
        // Metadata services that stand among private addresses.
        [100, 100, 100, 200] | [168, 63, 129, 16] => Reach::Never,
        [127 | 10, ..] | [192, 168, ..] | [172, 16..=31, ..] | [100, 64..=127, ..] => {
            Reach::Private
        }
        [0 | 224..=255, ..] | [169, 254, ..] => Reach::Never,
        // Protocol assignments, documentation, 6to4 relays, benchmarks.
        [192, 0, 0 | 2, _] | [198, 51, 100, _] | [203, 0, 113, _] | [192, 88, 99, _] => {
            Reach::Never
        }
        [198, 18 | 19, ..] => Reach::Never,
        _ => Reach::Public,
    }
}

fn reach_of_v6(address: Ipv6Addr) -> Reach {
    let segments = address.segments();
    match segments {
        [0, 0, 0, 0, 0, 0, 0, 1] => Reach::Private,
        // The metadata service of one cloud stands among unique local addresses.
        [0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x254] => Reach::Never,
        [0xfc00..=0xfdff, ..] => Reach::Private,
        // NAT64 leads to the IPv4 address at its end.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => match reach_of_v4(embedded(high, low)) {
            Reach::Public => Reach::Public,
            _ => Reach::Never,
        },
        // Unspecified and IPv4-compatible, local NAT64, discard, Teredo and other assignments,
        // documentation, 6to4, link-local, site-local, multicast.
        [0, 0, 0, 0, 0, 0, ..]
        | [0x64 | 0x100 | 0x2002 | 0x5f00 | 0xfe80..=0xfeff | 0xff00..=0xffff, ..]
        | [0x2001, 0..=0x1ff | 0xdb8, ..]
        | [0x3fff, 0..=0xfff, ..] => Reach::Never,
        // What is assigned lies in 2000::/3.
        [0x2000..=0x3fff, ..] => Reach::Public,
        _ => Reach::Never,
    }
}

fn embedded(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_public_addresses_and_the_configured_private_host_only() {
        for public in ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"] {
            assert!(is_allowed(public.parse().unwrap(), false), "{public}");
        }
        for private in [
            "127.0.0.1",
            "127.255.255.254",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "100.127.255.255",
            "::1",
            "fd00::1",
            "fc00::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
        ] {
            assert!(!is_allowed(private.parse().unwrap(), false), "{private}");
            assert!(is_allowed(private.parse().unwrap(), true), "{private}");
        }
        for never in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "100.100.100.200",
            "168.63.129.16",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "0.0.0.0",
            "0.1.2.3",
            "::",
            "::127.0.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.9",
            "192.88.99.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "2002:7f00:1::",
            "ff02::1",
            "4000::1",
        ] {
            assert!(!is_allowed(never.parse().unwrap(), true), "{never}");
        }
    }

    /// The name is resolved once, and what is connected to is what was checked.
    #[test]
    fn ssrf_22_of_a_name_with_two_addresses_only_the_public_one_is_called() {
        let found = ["93.184.216.34:443", "127.0.0.1:443", "169.254.169.254:443", "[::1]:443"];
        let found: Vec<SocketAddr> = found.map(|address| address.parse().unwrap()).into();
        assert_eq!(permitted(found.iter().copied(), false), [found[0]]);
        assert_eq!(permitted(found[1..].iter().copied(), false), []);
    }
}
