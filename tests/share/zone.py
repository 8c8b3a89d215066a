"""Reads a zone as a name server does, and prints what it answers to each `NAME TYPE` on standard input.

    zone.py ORIGIN FILE
"""

import sys

import dns.name
import dns.rdatatype
import dns.zone

origin = dns.name.from_text(sys.argv[1])
# check_origin: the zone has a SOA and NS records.
zone = dns.zone.from_file(sys.argv[2], origin, relativize=False, check_origin=True)


def answer(name, kind):
    """The closest name that exists decides, as RFC 4592 has it: a wildcard below it, or nothing."""
    if zone.get_node(name) is not None or any(it.is_subdomain(name) for it in zone.nodes):
        return zone.get_rdataset(name, kind)
    while name != origin:
        name = name.parent()
        if zone.get_node(name) is not None:
            return zone.get_rdataset(dns.name.from_text("*", name), kind)
    return None


for line in sys.stdin:
    name, kind = line.split()
    found = answer(dns.name.from_text(name, origin), dns.rdatatype.from_text(kind))
    print(name, kind, *sorted(it.to_text() for it in found or []))
