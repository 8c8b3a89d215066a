//! The addresses that clients' URLs may refer to: public ones, and networks that the operator has allowed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// The addresses that callbacks may be sent to.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Networks allowed in addition to public addresses.
    pub networks: Vec<IpNet>,
}

impl Policy {
    /// Whether a callback may be sent to this address.
    pub fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|net| net.contains(&address)) || is_public(address)
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(it) => is_public_v4(it),
        IpAddr::V6(it) => is_public_v6(it),
    }
}

/// IANA's special-purpose address registry, RFC 6890 and its successors.
fn is_public_v4(it: Ipv4Addr) -> bool {
    let [a, b, c, _] = it.octets();
    let special = it.is_private()
        || it.is_loopback()
        || it.is_link_local()
        || it.is_multicast()
        || it.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19));
    !special
}

fn is_public_v6(it: Ipv6Addr) -> bool {
    let segments = it.segments();
    // Addresses that embed an IPv4 address are judged by that address.
    let inner = match segments {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => Some((high, low)),
        _ => None,
    };
    if let Some((high, low)) = inner {
        return is_public_v4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    }
    // Only 2000::/3 is global unicast, except for 2001:db8::/32, 2001::/23 and 3fff::/20.
    let global = segments[0] & 0xe000 == 0x2000;
    let special = (segments[0] == 0x2001 && (segments[1] == 0xdb8 || segments[1] < 0x200))
        || (segments[0] == 0x3fff && segments[1] < 0x1000);
    global && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_and_special_addresses_are_refused() {
        let policy = Policy::default();
        for bad in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "198.18.0.1",
            "240.0.0.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "fec0::1",
            "2001::1",
        ] {
            assert!(!policy.allows(bad.parse().unwrap()), "{bad}");
        }
        for good in ["8.8.8.8", "172.15.0.1", "2a00:1450::1", "64:ff9b::808:808", "::ffff:9.9.9.9"] {
            assert!(policy.allows(good.parse().unwrap()), "{good}");
        }
    }

    #[test]
    fn the_operator_may_name_networks() {
        let policy = Policy { networks: vec!["10.0.0.0/8".parse().unwrap()] };
        assert!(
            policy.allows("10.1.2.3".parse().unwrap()) && policy.allows("::ffff:10.1.2.3".parse().unwrap())
        );
        assert!(!policy.allows("192.168.1.1".parse().unwrap()));
    }
}
