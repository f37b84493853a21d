//! Addresses that a webhook must not reach in live mode: this machine, its neighbours, and what stands for them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Whether the host of `url` is written as an address that is private. Names are judged when they are resolved.
pub(crate) fn is_private_literal(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => is_private(IpAddr::V4(ip)),
        Some(Host::Ipv6(ip)) => is_private(IpAddr::V6(ip)),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost")
        }
        None => true,
    }
}

/// Whether an address is anything but a public unicast one.
pub(crate) fn is_private(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_private_v4(ip),
        IpAddr::V6(ip) => is_private_v6(ip),
    }
}

fn is_private_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b))
}

fn is_private_v6(ip: Ipv6Addr) -> bool {
    let [s0, s1, s2, s3, s4, s5, s6, s7] = ip.segments();
    let embedded =
        |high: u16, low: u16| is_private_v4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)));
    let global_unicast = (s0 & 0xe000) == 0x2000;
    let nat64 = s0 == 0x64 && s1 == 0xff9b && [s2, s3, s4, s5] == [0; 4];
    if nat64 {
        return embedded(s6, s7);
    }
    let six_to_four = s0 == 0x2002 && embedded(s1, s2);
    let documentation = s0 == 0x2001 && s1 == 0xdb8 || s0 == 0x3fff && s1 < 0x1000;
    let special = s0 == 0x2001 && s1 < 0x200;
    !global_unicast || six_to_four || documentation || special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_every_disguise_of_this_machine_and_its_neighbours() {
        for url in [
            "https://localhost/",
            "https://LOCALHOST./",
            "https://shop.localhost/",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0/",
            "https://10.1.2.3/",
            "https://172.16.0.1/",
            "https://192.168.1.1/",
            "https://169.254.169.254/",
            "https://100.64.0.1/",
            "https://198.18.0.1/",
            "https://224.0.0.1/",
            "https://255.255.255.255/",
            "https://[::1]/",
            "https://[::]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[fe80::1]/",
            "https://[fd00::1]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[2002:7f00:1::]/",
            "https://[2001:db8::1]/",
            "https://[2001::1]/",
            "https://[ff02::1]/",
        ] {
            assert!(is_private_literal(&Url::parse(url).unwrap()), "{url}");
        }
        for url in [
            "https://shop.example/",
            "https://8.8.8.8/",
            "https://[2606:4700::1111]/",
            "https://[64:ff9b::808:808]/",
        ] {
            assert!(!is_private_literal(&Url::parse(url).unwrap()), "{url}");
        }
    }
}
