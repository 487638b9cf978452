//! Network addresses and ranges of them, as CEL's network library knows them.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address, or the range of all addresses that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Net {
    address: IpAddr,
    /// `None`: a single address.
    prefix: Option<u8>,
}

impl Net {
    /// A single address.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        Self {
            address,
            prefix: None,
        }
    }

    /// Reads an address. It has no zone, and is not IPv4 in the clothes of IPv6.
    #[must_use]
    pub fn parse_address(text: &str) -> Option<Self> {
        let address = text.parse().ok()?;
        let mapped = matches!(address, IpAddr::V6(ip) if ip.to_ipv4_mapped().is_some());
        (!mapped).then_some(Self {
            address,
            prefix: None,
        })
    }

    /// Reads a range: `10.0.0.0/8`.
    #[must_use]
    pub fn parse_range(text: &str) -> Option<Self> {
        let (address, length) = text.split_once('/')?;
        let plain = length.bytes().all(|byte| byte.is_ascii_digit())
            && (length == "0" || !length.starts_with('0'));
        let range = Self::parse_address(address)?;
        let prefix: u8 = length.parse().ok().filter(|_| plain)?;
        (prefix <= range.bits()).then_some(Self {
            prefix: Some(prefix),
            ..range
        })
    }

    /// The range around an address of those that begin with as many of the same bits; `None`: it has not so many.
    #[must_use]
    pub fn within(self, prefix: u8) -> Option<Self> {
        (prefix <= self.bits()).then_some(Self {
            prefix: Some(prefix),
            ..self
        })
    }

    /// Bits of its addresses.
    fn bits(self) -> u8 {
        if self.address.is_ipv4() { 32 } else { 128 }
    }

    /// Is it a range?
    #[must_use]
    pub fn is_range(self) -> bool {
        self.prefix.is_some()
    }

    /// The address, without the length of a range.
    #[must_use]
    pub fn address(self) -> IpAddr {
        self.address
    }

    /// How many bits the addresses of a range have in common; of a single address all.
    #[must_use]
    pub fn prefix(self) -> u8 {
        self.prefix.unwrap_or_else(|| self.bits())
    }

    /// The single address.
    #[must_use]
    pub fn alone(self) -> Self {
        Self {
            prefix: None,
            ..self
        }
    }

    /// The range with the bits behind its prefix cleared.
    #[must_use]
    pub fn masked(self) -> Self {
        let cut = u32::from(self.bits() - self.prefix());
        let address = match self.address {
            IpAddr::V4(ip) => {
                let kept = u32::MAX.checked_shl(cut).unwrap_or(0);
                Ipv4Addr::from_bits(ip.to_bits() & kept).into()
            }
            IpAddr::V6(ip) => {
                let kept = u128::MAX.checked_shl(cut).unwrap_or(0);
                Ipv6Addr::from_bits(ip.to_bits() & kept).into()
            }
        };
        Self { address, ..self }
    }

    /// Is every address of the other in it?
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        let cut = Self {
            prefix: Some(self.prefix()),
            ..other
        };
        self.bits() == other.bits()
            && self.prefix() <= other.prefix()
            && cut.masked().address == self.masked().address
    }

    /// Is it `224.0.0.0/24` or `ffx2::/16`: for many, on this link?
    #[must_use]
    pub fn is_link_local_multicast(self) -> bool {
        match self.address {
            IpAddr::V4(ip) => ip.octets().starts_with(&[224, 0, 0]),
            IpAddr::V6(ip) => ip
                .segments()
                .first()
                .is_some_and(|first| first & 0xff0f == 0xff02),
        }
    }

    /// Is it `169.254.0.0/16` or `fe80::/10`: for one, on this link?
    #[must_use]
    pub fn is_link_local_unicast(self) -> bool {
        match self.address {
            IpAddr::V4(ip) => ip.is_link_local(),
            IpAddr::V6(ip) => ip.is_unicast_link_local(),
        }
    }

    /// Is it for one, and not only on this host or link? Private addresses are.
    #[must_use]
    pub fn is_global_unicast(self) -> bool {
        let address = self.address;
        let nobody = address.is_unspecified() || address == IpAddr::V4(Ipv4Addr::BROADCAST);
        !(nobody || address.is_loopback() || address.is_multicast() || self.is_link_local_unicast())
    }
}

impl fmt::Display for Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.prefix {
            Some(prefix) => write!(f, "{}/{prefix}", self.address),
            None => self.address.fmt(f),
        }
    }
}
