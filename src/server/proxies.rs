//! Who calls, where proxies stand between: what they say of the caller counts if they are known, and only then.

use crate::limits::MAX_HOPS;
use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};
use journey_machine::value::Net;
use std::net::{IpAddr, SocketAddr};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Networks whose word on whom they speak for is taken.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Vec<Net>);

impl Proxies {
    /// The networks as they are written: `10.0.0.0/8`, or a single address.
    ///
    /// # Errors
    /// The first that is neither.
    pub fn parse(networks: &[String]) -> Result<Self, String> {
        let net = |text: &String| {
            Net::parse_range(text)
                .or_else(|| Net::parse_address(text))
                .ok_or_else(|| format!("{text:?} is no network: write `10.0.0.0/8` or an address"))
        };
        networks.iter().map(net).collect::<Result<_, _>>().map(Self)
    }

    /// Who calls: the last address of `X-Forwarded-For` that is no known proxy's, if a known proxy brings it.
    #[must_use]
    pub fn caller(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut caller = peer.to_canonical();
        if self.0.is_empty() {
            return caller;
        }
        let lines = headers.get_all(FORWARDED_FOR).into_iter().rev();
        let mut hops = lines.flat_map(hops).take(MAX_HOPS);
        while self.knows(caller) {
            // Whatever stands before what is no address was not written by a proxy of ours.
            let Some(Some(before)) = hops.next() else {
                break;
            };
            caller = before;
        }
        caller
    }

    fn knows(&self, address: IpAddr) -> bool {
        self.0.iter().any(|net| net.contains(Net::of(address)))
    }
}

/// The addresses of a line, the last one first.
fn hops(line: &HeaderValue) -> impl Iterator<Item = Option<IpAddr>> {
    let text = line.to_str().unwrap_or_default();
    text.rsplit(',').map(|hop| address(hop.trim()))
}

/// An address, be it with a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let with_port = || text.parse().ok().map(|address: SocketAddr| address.ip());
    let address = bare.parse().ok().or_else(with_port)?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::Proxies;
    use hyper::HeaderMap;
    use std::net::IpAddr;

    fn caller(peer: &str, lines: &[&str]) -> String {
        let known = ["10.0.0.0/8".to_owned(), "2001:db8::1".to_owned()];
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let peer: IpAddr = peer.parse().unwrap();
        Proxies::parse(&known)
            .unwrap()
            .caller(peer, &headers)
            .to_string()
    }

    #[test]
    fn only_known_proxies_are_believed() {
        assert_eq!(caller("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(caller("10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(caller("2001:db8::1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(caller("::ffff:10.0.0.1", &["2001:db8::7"]), "2001:db8::7");
        assert_eq!(caller("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn what_callers_write_themselves_does_not_count() {
        let forged = ["1.1.1.1, 198.51.100.7"];
        assert_eq!(caller("10.0.0.1", &forged), "198.51.100.7");
        let two_proxies = ["1.1.1.1, 198.51.100.7, 10.0.0.2"];
        assert_eq!(caller("10.0.0.1", &two_proxies), "198.51.100.7");
        let lines = ["1.1.1.1", "198.51.100.7, 10.0.0.2"];
        assert_eq!(caller("10.0.0.1", &lines), "198.51.100.7");
        assert_eq!(caller("10.0.0.1", &["1.1.1.1, unknown"]), "10.0.0.1");
        assert_eq!(caller("10.0.0.1", &["198.51.100.7:4711"]), "198.51.100.7");
        assert_eq!(caller("10.0.0.1", &["[2001:db8::7]:4711"]), "2001:db8::7");
    }

    #[test]
    fn without_known_proxies_the_peer_calls() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "198.51.100.7".parse().unwrap());
        let peer: IpAddr = "10.0.0.1".parse().unwrap();
        assert_eq!(Proxies::default().caller(peer, &headers), peer);
        assert!(Proxies::parse(&["ten".to_owned()]).is_err());
    }
}
