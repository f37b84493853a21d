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

/// Public by its number, but inside a cloud it is the machine's own metadata service.
const CLOUD_SERVICE: [u8; 4] = [168, 63, 129, 16];

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
        || ip.octets() == CLOUD_SERVICE
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
    let isatap = s5 == 0x5efe && (s4 & 0xfdff) == 0 && embedded(s6, s7);
    let documentation = s0 == 0x2001 && s1 == 0xdb8 || s0 == 0x3fff && s1 < 0x1000;
    let special = s0 == 0x2001 && s1 < 0x200;
    !global_unicast || six_to_four || isatap || documentation || special
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    /// Blocks that are no public unicast addresses, from the registries of special-purpose addresses: written down apart
    /// from the code above, in another form.
    const NOT_PUBLIC_V4: &[&str] = &[
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    ];

    fn block(text: &str) -> (u32, u32) {
        let (base, bits) = text.split_once('/').unwrap();
        let bits: u32 = bits.parse().unwrap();
        (u32::from(base.parse::<Ipv4Addr>().unwrap()), u32::MAX.checked_shl(32 - bits).unwrap_or(0))
    }

    fn is_in_a_block(ip: Ipv4Addr) -> bool {
        NOT_PUBLIC_V4.iter().map(|text| block(text)).any(|(base, mask)| u32::from(ip) & mask == base)
    }

    /// Every way to write an IPv4 address inside an IPv6 one by which it may be reached.
    fn disguises(ip: Ipv4Addr) -> Vec<Ipv6Addr> {
        let [a, b, c, d] = ip.octets();
        let (high, low) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        vec![
            ip.to_ipv6_mapped(),
            Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low),
            Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
            Ipv6Addr::new(0x2606, 0x4700, 0, 0, 0, 0x5efe, high, low),
            Ipv6Addr::new(0x2606, 0x4700, 0, 0, 0x200, 0x5efe, high, low),
        ]
    }

    proptest! {
        #[test]
        fn agrees_with_the_registries(bits in any::<u32>()) {
            let ip = Ipv4Addr::from(bits);
            prop_assert_eq!(is_private(IpAddr::V4(ip)), is_in_a_block(ip), "{}", ip);
        }

        #[test]
        fn knows_the_edges_of_every_block(which in 0..NOT_PUBLIC_V4.len(), inside in any::<u32>()) {
            let (base, mask) = block(NOT_PUBLIC_V4[which]);
            let last = base | !mask;
            for bits in [base, last, base | (inside & !mask), base.wrapping_sub(1), last.wrapping_add(1)] {
                let ip = Ipv4Addr::from(bits);
                prop_assert_eq!(is_private(IpAddr::V4(ip)), is_in_a_block(ip), "{}", ip);
            }
        }

        #[test]
        fn a_disguise_makes_no_address_public(which in 0..NOT_PUBLIC_V4.len(), inside in any::<u32>()) {
            let (base, mask) = block(NOT_PUBLIC_V4[which]);
            for ip in disguises(Ipv4Addr::from(base | (inside & !mask))) {
                prop_assert!(is_private(IpAddr::V6(ip)), "{}", ip);
            }
        }

        #[test]
        fn nothing_outside_of_global_unicast_is_public(bits in any::<u128>()) {
            let ip = Ipv6Addr::from(bits);
            let translated = ip.segments()[..6] == [0x64, 0xff9b, 0, 0, 0, 0];
            if bits >> 125 != 1 && ip.to_ipv4_mapped().is_none() && !translated {
                prop_assert!(is_private(IpAddr::V6(ip)), "{}", ip);
            }
        }

        #[test]
        fn every_spelling_of_an_address_is_read_as_that_address(bits in any::<u32>()) {
            let ip = Ipv4Addr::from(bits);
            let [a, b, c, d] = ip.octets();
            for host in [
                format!("{ip}"),
                format!("{ip}."),
                format!("{bits}"),
                format!("{bits:#x}"),
                format!("{bits:#o}").replacen("0o", "0", 1),
                format!("{a:#x}.{b:#o}.{c}.{d:#x}").replacen("0o", "0", 1),
                format!("{a}.{}", bits & 0xff_ffff),
                format!("{a}.{b}.{}", bits & 0xffff),
                format!("[::ffff:{ip}]"),
                format!("{ip}").replace('.', "。"),
            ] {
                let url = Url::parse(&format!("https://{host}/hooks")).unwrap();
                prop_assert_eq!(is_private_literal(&url), is_private(IpAddr::V4(ip)), "{}", host);
            }
        }
    }

    #[test]
    fn knows_every_disguise_of_this_machine_and_its_neighbours() {
        for url in [
            "https://localhost/",
            "https://LOCALHOST./",
            "https://shop.localhost/",
            "https://loc%61lhost/",
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://0x7f000001/",
            "https://127.0.0.1./",
            "https://１２７.０.０.１/",
            "https://①②⑦.0.0.1/",
            "https://0/",
            "https://169.254.169.254/",
            "https://0xa9fea9fe/",
            "https://100.100.100.200/",
            "https://192.0.0.192/",
            "https://168.63.129.16/",
            "https://[::1]/",
            "https://[::]/",
            "https://[::127.0.0.1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:0:127.0.0.1]/",
            "https://[fe80::1]/",
            "https://[fec0::1]/",
            "https://[fd00:ec2::254]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[64:ff9b:1::808:808]/",
            "https://[100::1]/",
            "https://[2002:7f00:1::]/",
            "https://[2001:db8::1]/",
            "https://[2001::1]/",
            "https://[2001:10::1]/",
            "https://[2001:20::1]/",
            "https://[3fff::1]/",
            "https://[5f00::1]/",
            "https://[ff02::1]/",
        ] {
            assert!(is_private_literal(&Url::parse(url).unwrap()), "{url}");
        }
        for url in [
            "https://shop.example/",
            "https://localhost.shop.example/",
            "https://8.8.8.8/",
            "https://[2606:4700::1111]/",
            "https://[64:ff9b::808:808]/",
            "https://[2002:808:808::1]/",
            "https://[::ffff:8.8.8.8]/",
        ] {
            assert!(!is_private_literal(&Url::parse(url).unwrap()), "{url}");
        }
    }
}
