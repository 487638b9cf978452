//! Network addresses and ranges: CEL's extension library.

use super::Pattern::{Bool, Int, Opaque, String};
use super::{Builtin, Cost, Outcome, Pattern, function, method};
use crate::value::{EvalError, Net, Value};

/// An address.
pub(super) const IP: Pattern = Opaque("net.IP");
/// A range of addresses.
pub(super) const CIDR: Pattern = Opaque("net.CIDR");

const NO_ADDRESS: EvalError = EvalError::fixed("IP address parse error");
const NO_RANGE: EvalError = EvalError::fixed("CIDR parse error");

pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "cidr",
        docs: "The range of addresses that a text names: an address, a slash, and how many bits are common.",
        overloads: &[function(&[String], CIDR)],
        examples: &[("string(cidr('10.0.0.0/8'))", "'10.0.0.0/8'")],
        cost: Cost::Fixed,
        call: |args| read(args, Net::parse_range, NO_RANGE),
    },
    Builtin {
        name: "containsCIDR",
        docs: "Is every address of the other range in this one?",
        overloads: &[method(&[CIDR, CIDR], Bool), method(&[CIDR, String], Bool)],
        examples: &[("cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')", "true")],
        cost: Cost::Fixed,
        call: |args| contains(args, Net::parse_range, NO_RANGE),
    },
    Builtin {
        name: "containsIP",
        docs: "Is the address in this range?",
        overloads: &[method(&[CIDR, IP], Bool), method(&[CIDR, String], Bool)],
        examples: &[("cidr('10.0.0.0/8').containsIP(ip('10.1.2.3'))", "true")],
        cost: Cost::Fixed,
        call: |args| contains(args, Net::parse_address, NO_ADDRESS),
    },
    Builtin {
        name: "family",
        docs: "4 for an address of IPv4, 6 for one of IPv6.",
        overloads: &[method(&[IP], Int)],
        examples: &[("ip('::1').family()", "6")],
        cost: Cost::Fixed,
        call: |args| {
            of(args, |ip| {
                Value::Int(if ip.address().is_ipv4() { 4 } else { 6 })
            })
        },
    },
    Builtin {
        name: "ip",
        docs: "The address that a text names, without a zone; of a range, its address.",
        overloads: &[function(&[String], IP), method(&[CIDR], IP)],
        examples: &[
            ("string(ip('2001:DB8::1'))", "'2001:db8::1'"),
            ("cidr('10.0.0.0/8').ip() == ip('10.0.0.0')", "true"),
        ],
        cost: Cost::Fixed,
        call: |args| match args {
            [Value::Net(range)] => Ok(Value::Net(range.alone())),
            _ => read(args, Net::parse_address, NO_ADDRESS),
        },
    },
    Builtin {
        name: "ip.isCanonical",
        docs: "Is the address written as RFC 5952 wants it? An error if it is none.",
        overloads: &[function(&[String], Bool)],
        examples: &[("ip.isCanonical('2001:DB8::1')", "false")],
        cost: Cost::Fixed,
        call: is_canonical,
    },
    Builtin {
        name: "isCIDR",
        docs: "Does the text name a range of addresses?",
        overloads: &[function(&[String], Bool)],
        examples: &[("isCIDR('10.0.0.0/33')", "false")],
        cost: Cost::Fixed,
        call: |args| names(args, Net::parse_range),
    },
    Builtin {
        name: "isGlobalUnicast",
        docs: "Is the address one of a single host that is reached beyond its link? Private addresses are.",
        overloads: &[method(&[IP], Bool)],
        examples: &[("ip('10.0.0.1').isGlobalUnicast()", "true")],
        cost: Cost::Fixed,
        call: |args| of(args, |ip| ip.is_global_unicast().into()),
    },
    Builtin {
        name: "isIP",
        docs: "Does the text name an address?",
        overloads: &[function(&[String], Bool)],
        examples: &[("isIP('10.0.0.256')", "false")],
        cost: Cost::Fixed,
        call: |args| names(args, Net::parse_address),
    },
    Builtin {
        name: "isLinkLocalMulticast",
        docs: "Is the address one of many hosts on the same link?",
        overloads: &[method(&[IP], Bool)],
        examples: &[("ip('ff02::1').isLinkLocalMulticast()", "true")],
        cost: Cost::Fixed,
        call: |args| of(args, |ip| ip.is_link_local_multicast().into()),
    },
    Builtin {
        name: "isLinkLocalUnicast",
        docs: "Is the address one of a single host on the same link?",
        overloads: &[method(&[IP], Bool)],
        examples: &[("ip('169.254.1.1').isLinkLocalUnicast()", "true")],
        cost: Cost::Fixed,
        call: |args| of(args, |ip| ip.is_link_local_unicast().into()),
    },
    Builtin {
        name: "isLoopback",
        docs: "Is it an address of this host?",
        overloads: &[method(&[IP], Bool)],
        examples: &[("ip('127.0.0.1').isLoopback()", "true")],
        cost: Cost::Fixed,
        call: |args| of(args, |ip| ip.address().is_loopback().into()),
    },
    Builtin {
        name: "isUnspecified",
        docs: "Is it the address that stands for none, or for all of this host?",
        overloads: &[method(&[IP], Bool)],
        examples: &[("ip('::').isUnspecified()", "true")],
        cost: Cost::Fixed,
        call: |args| of(args, |ip| ip.address().is_unspecified().into()),
    },
    Builtin {
        name: "masked",
        docs: "The range with the bits behind the common ones cleared.",
        overloads: &[method(&[CIDR], CIDR)],
        examples: &[("string(cidr('10.1.2.3/8').masked())", "'10.0.0.0/8'")],
        cost: Cost::Fixed,
        call: |args| of(args, |range| Value::Net(range.masked())),
    },
    Builtin {
        name: "prefixLength",
        docs: "How many bits the addresses of the range have in common.",
        overloads: &[method(&[CIDR], Int)],
        examples: &[("cidr('10.0.0.0/8').prefixLength()", "8")],
        cost: Cost::Fixed,
        call: |args| of(args, |range| Value::Int(range.prefix().into())),
    },
];

fn read(args: &[Value], parse: fn(&str) -> Option<Net>, error: EvalError) -> Outcome {
    let [Value::String(text)] = args else {
        return Err(EvalError::no_such_overload());
    };
    parse(text).map(Value::Net).ok_or(error)
}

fn names(args: &[Value], parse: fn(&str) -> Option<Net>) -> Outcome {
    let [Value::String(text)] = args else {
        return Err(EvalError::no_such_overload());
    };
    Ok(parse(text).is_some().into())
}

fn of(args: &[Value], ask: fn(Net) -> Value) -> Outcome {
    let [Value::Net(net)] = args else {
        return Err(EvalError::no_such_overload());
    };
    Ok(ask(*net))
}

/// Is the second, an address or a range, or the text of one, in the first?
fn contains(args: &[Value], parse: fn(&str) -> Option<Net>, error: EvalError) -> Outcome {
    match args {
        [Value::Net(range), Value::Net(other)] => Ok(range.contains(*other).into()),
        [Value::Net(range), Value::String(text)] => {
            let other = parse(text).ok_or(error)?;
            Ok(range.contains(other).into())
        }
        _ => Err(EvalError::no_such_overload()),
    }
}

fn is_canonical(args: &[Value]) -> Outcome {
    let [Value::String(text)] = args else {
        return Err(EvalError::no_such_overload());
    };
    let address = Net::parse_address(text).ok_or(NO_ADDRESS)?;
    Ok((address.to_string() == text.as_str()).into())
}
