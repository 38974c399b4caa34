"""Whether mails come back to a domain, and whether an address of the server is known by its name."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from newsletter.diagnosis.answers import Answer
from newsletter.diagnosis.checks import Check, Group, Level


@dataclass(frozen=True, slots=True)
class Reverse:
    """What is known about an address that mails may come from.

    ours: whether this machine sends them itself; otherwise its server may send from other addresses.
    names: of the address. forward: the addresses of each of those names.
    """

    address: str
    ours: bool
    names: Answer = field(default_factory=Answer)
    forward: Mapping[str, Answer] = field(default_factory=dict)


def mailbox_check(domain: str, uses: Sequence[str], mx: Answer, addresses: Answer) -> Check:
    """Whether mails to a domain arrive. uses: what they are. Source: RFC 5321 §5.1, RFC 7505."""
    level, said, step = _arriving(domain, ", ".join(uses), mx, addresses)
    return Check(level, Group.DNS, "", f"MX of {domain}", said, step)


def _arriving(domain: str, uses: str, mx: Answer, addresses: Answer) -> tuple[Level, str, str]:
    if mx.trouble:
        return Level.SKIPPED, f"could not be looked up: {mx.trouble}", ""
    hosts = [record.rpartition(" ")[2].rstrip(".") for record in mx.records]
    if hosts == [""]:
        said = f"its MX says that it takes no mail: {uses} are lost, and some receivers refuse its mails"
        return Level.PROBLEM, said, "publish the MX of the server that has its mailboxes"
    if hosts:
        return Level.OK, f"{', '.join(sorted(hosts))} takes {uses}", ""
    step = f"publish an MX record for {domain}"
    if addresses.trouble:
        return Level.SKIPPED, f"could not be looked up: {addresses.trouble}", ""
    if addresses.records:
        return Level.WARNING, f"none: {uses} go to the host {domain} itself", step
    return Level.PROBLEM, f"none, and no host of that name: {uses} are lost, and receivers refuse mails", step


def reverse_check(reverse: Reverse) -> Check:
    """Whether an address has a name that leads back to it. Source: RFC 1912 §2.1."""
    level, said, step = _named(reverse)
    return Check(level, Group.DNS, "ptr", f"PTR of {reverse.address}", said, step)


def _named(reverse: Reverse) -> tuple[Level, str, str]:
    if not ipaddress.ip_address(reverse.address).is_global:
        said = "an address of a network of its own; under which one mails leave is not to be seen from here"
        return Level.SKIPPED, said, "look at the headers of a mail to yourself"
    trouble = next((one.trouble for one in (reverse.names, *reverse.forward.values()) if one.trouble), "")
    back = [name for name, found in reverse.forward.items() if reverse.address in found.records]
    if back:
        return Level.OK, f"{back[0].rstrip('.')}, which leads back to it", ""
    if trouble:
        return Level.SKIPPED, f"could not be looked up: {trouble}", ""
    if reverse.names.records:
        said = f"{reverse.names.records[0].rstrip('.')}, which does not lead back to it"
    else:
        said = "none (no PTR record)"
    if not reverse.ours:
        said += "; your server may send from other addresses, which is not to be seen from here"
        return Level.SKIPPED, said, "look at the headers of a mail to yourself"
    said += ": Gmail and Yahoo refuse mails from it"
    return Level.PROBLEM, said, "let whoever gave you the address set its PTR to the name of your server"
