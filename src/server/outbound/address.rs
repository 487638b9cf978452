//! Which addresses a request may go to (RFC 6890 and the IANA special-purpose registries).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How far requests of a connection may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Addresses of the public internet.
    Public,
    /// These, and loopback and private ones. Link-local addresses (where clouds keep the credentials of machines),
    /// multicast and reserved ones stay out of reach.
    Internal,
}

/// What kind of address it is, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Public,
    Private,
    Special,
}

impl Reach {
    /// The reach of a connection or issuer that says `internal` or not.
    #[must_use]
    pub fn new(internal: bool) -> Self {
        if internal {
            Self::Internal
        } else {
            Self::Public
        }
    }

    /// May a request go to this address?
    #[must_use]
    pub fn allows(self, address: IpAddr) -> bool {
        match kind(address) {
            Kind::Public => true,
            Kind::Private => self == Self::Internal,
            Kind::Special => false,
        }
    }
}

fn kind(address: IpAddr) -> Kind {
    match address.to_canonical() {
        IpAddr::V4(address) => kind_v4(address),
        IpAddr::V6(address) => kind_v6(address),
    }
}

fn kind_v4(address: Ipv4Addr) -> Kind {
    match address.octets() {
        [10, ..] | [127, ..] | [100, 64..=127, ..] | [172, 16..=31, ..] | [192, 168, ..] => {
            Kind::Private
        }
        // This network, link-local, protocol assignments, documentation, 6to4 relays, benchmarks, multicast, reserved.
        [0, ..]
        | [169, 254, ..]
        | [192, 0, 0, _]
        | [192, 0, 2, _]
        | [192, 88, 99, _]
        | [198, 18..=19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _]
        | [224..=255, ..] => Kind::Special,
        _ => Kind::Public,
    }
}

fn kind_v6(address: Ipv6Addr) -> Kind {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 1] | [0xfc00..=0xfdff, ..] => Kind::Private,
        // NAT64: as good as the address inside.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            kind_v4(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)))
        }
        // Inside the global block: protocol assignments (Teredo, ORCHID, benchmarks), documentation, 6to4.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => {
            Kind::Special
        }
        [0x2000..=0x3fff, ..] => Kind::Public,
        _ => Kind::Special,
    }
}

#[cfg(test)]
mod tests {
    use super::Reach;

    /// `(address, public reach, internal reach)`
    const TABLE: [(&str, bool, bool); 52] = [
        ("1.1.1.1", true, true),
        ("8.8.8.8", true, true),
        ("100.63.255.255", true, true),
        ("100.128.0.0", true, true),
        ("172.15.255.255", true, true),
        ("172.32.0.0", true, true),
        ("192.0.1.1", true, true),
        ("198.17.255.255", true, true),
        ("223.255.255.255", true, true),
        ("10.0.0.0", false, true),
        ("10.255.255.255", false, true),
        ("100.64.0.1", false, true),
        ("100.127.255.255", false, true),
        ("127.0.0.1", false, true),
        ("127.255.255.255", false, true),
        ("172.16.0.1", false, true),
        ("172.31.255.255", false, true),
        ("192.168.0.1", false, true),
        ("0.0.0.0", false, false),
        ("0.1.2.3", false, false),
        ("169.254.169.254", false, false),
        ("192.0.0.8", false, false),
        ("192.0.2.1", false, false),
        ("192.88.99.1", false, false),
        ("198.18.0.1", false, false),
        ("198.19.255.255", false, false),
        ("198.51.100.7", false, false),
        ("203.0.113.9", false, false),
        ("224.0.0.1", false, false),
        ("239.255.255.255", false, false),
        ("240.0.0.1", false, false),
        ("255.255.255.255", false, false),
        ("2606:4700::1111", true, true),
        ("2001:4860:4860::8888", true, true),
        ("::1", false, true),
        ("fd00:ec2::254", false, true),
        ("fc00::1", false, true),
        ("::ffff:127.0.0.1", false, true),
        ("::ffff:169.254.169.254", false, false),
        ("::ffff:8.8.8.8", true, true),
        ("64:ff9b::8.8.8.8", true, true),
        ("64:ff9b::10.0.0.1", false, true),
        ("64:ff9b::169.254.169.254", false, false),
        ("64:ff9b:1::1", false, false),
        ("::", false, false),
        ("::127.0.0.1", false, false),
        ("fe80::1", false, false),
        ("fec0::1", false, false),
        ("ff02::1", false, false),
        ("2001:db8::1", false, false),
        ("2001::1", false, false),
        ("2002:7f00:1::", false, false),
    ];

    #[test]
    fn special_addresses_are_out_of_reach() {
        for (text, public, internal) in TABLE {
            let address = text.parse().unwrap();
            assert_eq!(Reach::Public.allows(address), public, "{text}, public");
            assert_eq!(
                Reach::Internal.allows(address),
                internal,
                "{text}, internal"
            );
        }
    }
}
