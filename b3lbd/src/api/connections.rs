//! Limits the number of connections: in total, and per address unless it is a proxy.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use ipnet::IpNet;
use parking_lot::Mutex;

/// Maximum number of connections of one address that is not a proxy.
const OF_ONE_ADDRESS: usize = 256;

/// The open connections.
#[derive(Debug)]
pub struct Connections {
    most: usize,
    proxies: Vec<IpNet>,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

impl Connections {
    /// Allows up to `most` connections; each of `proxies` may use all of them.
    pub fn new(most: usize, proxies: Vec<IpNet>) -> Arc<Self> {
        Arc::new(Self { most, proxies, open: Mutex::default() })
    }

    /// Admits a connection until the returned guard is dropped.
    pub(super) fn admit(self: &Arc<Self>, peer: IpAddr) -> Option<Admitted> {
        let peer = peer.to_canonical();
        let counted = (!self.proxies.iter().any(|net| net.contains(&peer))).then(|| network(peer));
        let mut open = self.open.lock();
        let of_address = counted.and_then(|it| open.by_address.get(&it)).copied().unwrap_or(0);
        if open.all >= self.most || of_address >= OF_ONE_ADDRESS {
            return None;
        }
        open.all += 1;
        if let Some(address) = counted {
            *open.by_address.entry(address).or_default() += 1;
        }
        drop(open);
        Some(Admitted { connections: Arc::clone(self), counted })
    }
}

/// The network of one customer of an internet provider: an IPv4 address, or an IPv6 /64.
fn network(peer: IpAddr) -> IpAddr {
    match peer {
        IpAddr::V4(_) => peer,
        IpAddr::V6(it) => Ipv6Addr::from_bits(it.to_bits() >> 64 << 64).into(),
    }
}

/// Guard of an admitted connection.
#[derive(Debug)]
pub(super) struct Admitted {
    connections: Arc<Connections>,
    counted: Option<IpAddr>,
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut open = self.connections.open.lock();
        open.all -= 1;
        if let Some(address) = self.counted
            && let Some(count) = open.by_address.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                open.by_address.remove(&address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finding_10_nobody_takes_all_connections() {
        let connections = Connections::new(600, vec!["10.0.0.0/8".parse().unwrap()]);
        let admit = |peer: &str| connections.admit(peer.parse().unwrap());
        let mut held: Vec<_> = (0..OF_ONE_ADDRESS).map(|_| admit("192.0.2.1").unwrap()).collect();
        assert!(admit("192.0.2.1").is_none() && admit("::ffff:192.0.2.1").is_none());
        assert!(admit("192.0.2.2").is_some());
        held.extend((0..OF_ONE_ADDRESS).map(|n| admit(&format!("2001:db8::{n:x}")).unwrap()));
        assert!(admit("2001:db8::ffff").is_none(), "one customer");
        let left = 600 - held.len();
        held.extend((0..left).map(|_| admit("10.1.1.1").unwrap()));
        assert!(admit("10.1.1.1").is_none() && admit("192.0.2.3").is_none(), "all are taken");
        held.clear();
        assert!(admit("192.0.2.1").is_some());
        assert_eq!(connections.open.lock().by_address.len(), 0, "nothing is left behind");
    }
}
