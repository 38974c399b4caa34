"""The site, the server that takes mails, and the names that receivers look up: what is asked, and of whom."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial

from newsletter import config, surroundings, visiting
from newsletter.backends import probe
from newsletter.backends.smtp import Server
from newsletter.checkup.together import Job
from newsletter.config import Settings
from newsletter.diagnosis import Check, Group, Level, dkim, dmarc, hosts, server, setup, site, spf
from newsletter.diagnosis.setup import Sender, domain_of
from newsletter.resolving import Resolver

# Seconds for each answer.
_PATIENCE_S = 5.0
# Addresses of the server whose names are looked up.
_MOST_ADDRESSES = 4


def skipped(*groups: Group, why: str) -> list[Check]:
    """What is said where nothing of those groups is asked."""
    return [Check(Level.SKIPPED, group, "", "everything", f"not looked at: {why}") for group in groups]


def jobs(
    settings: Settings,
    senders: Sequence[Sender],
    keys: Sequence[dkim.Key],
    resolver: Resolver,
    *,
    largest: int,
    clock: Callable[[], datetime],
) -> Iterator[Job]:
    """What is to be asked, each part on its own. largest: bytes of the largest mail."""
    sends = settings.delivery.backend == "smtp" and bool(settings.smtp.host)
    if not setup.leads_nowhere(settings.base_url):
        yield Job(Group.SITE, partial(_site, settings.base_url, clock))
    if sends:
        yield Job(Group.SERVER, partial(_server, settings, senders[0].domain, largest, clock))
    if trouble := resolver.trouble():
        yield Job(Group.DNS, partial(skipped, Group.DNS, why=trouble))
        return
    if sends:
        yield Job(Group.DNS, partial(_reverse, settings, resolver))
    for ask in _names(settings, senders, keys, resolver):
        yield Job(Group.DNS, ask)


def _names(
    settings: Settings, senders: Sequence[Sender], keys: Sequence[dkim.Key], resolver: Resolver
) -> Iterator[Callable[[], Sequence[Check]]]:
    domains = {sender.domain: _envelope(settings, sender) for sender in senders}
    for domain in _known({*domains, *domains.values()}):
        yield partial(_allowed, domain, resolver)
    for domain in _known(domains):
        yield partial(_policy, domain, domains[domain], keys, resolver)
    for key in keys:
        if not key.trouble and not setup.is_example(key.domain):
            yield partial(_published, key, resolver)
    uses = _uses(settings, senders)
    for domain in _known(uses):
        yield partial(_mailbox, domain, uses[domain], resolver)
    for domain in sorted({*uses, *domains} - {*_known({*uses, *domains})}):
        yield partial(_unasked, domain)


def _site(base_url: str, clock: Callable[[], datetime]) -> list[Check]:
    return [*site.checks(visiting.visit(base_url, timeout_s=_PATIENCE_S, clock=clock))]


def _server(settings: Settings, name: str, largest: int, clock: Callable[[], datetime]) -> list[Check]:
    chosen = settings.smtp
    asked = Server(
        **chosen.model_dump(exclude={"password", "access_token", "timeout_s"}),
        password=chosen.password.get_secret_value(),
        access_token=chosen.access_token.get_secret_value(),
        verify=not config.is_loopback(chosen.host),
        timeout_s=min(_PATIENCE_S, chosen.timeout_s),
    )
    return [*server.checks(probe.look(asked, name=name, now=clock()), largest=largest)]


def _reverse(settings: Settings, resolver: Resolver) -> list[Check]:
    host = settings.smtp.host
    if config.is_loopback(host):
        own = surroundings.own_address()
        return [hosts.reverse_check(resolver.reverse(own, ours=True))] if own else []
    found = resolver.addresses(host)
    addresses = found.records[:_MOST_ADDRESSES]
    return [hosts.reverse_check(resolver.reverse(one, ours=False)) for one in addresses]


def _policy(domain: str, envelope: str, keys: Sequence[dkim.Key], resolver: Resolver) -> list[Check]:
    answers = resolver.dmarc(domain)
    signing = [key.domain for key in keys if not key.trouble]
    aligned = dmarc.alignment_check(domain, signing=signing, envelope=envelope, answers=answers)
    return [dmarc.check(domain, answers), aligned]


def _allowed(domain: str, resolver: Resolver) -> list[Check]:
    return [spf.check(domain, resolver.spf(domain))]


def _published(key: dkim.Key, resolver: Resolver) -> list[Check]:
    return [dkim.record_check(key, resolver.texts(key.name))]


def _mailbox(domain: str, uses: Sequence[str], resolver: Resolver) -> list[Check]:
    mx = resolver.mails(domain)
    needed = not mx.records and not mx.trouble
    return [hosts.mailbox_check(domain, uses, mx, resolver.addresses(domain) if needed else mx)]


def _unasked(domain: str) -> list[Check]:
    return [Check(Level.SKIPPED, Group.DNS, "", domain, "an example, of which nothing is asked")]


def _envelope(settings: Settings, sender: Sender) -> str:
    """The domain that mails of a list are sent in the name of."""
    return domain_of(settings.bounce_address) or sender.domain


def _uses(settings: Settings, senders: Sequence[Sender]) -> dict[str, list[str]]:
    """What mails come to each domain."""
    uses: dict[str, list[str]] = {}
    named = [(sender.address, "mails to the sender") for sender in senders]
    named += [(sender.answers_to, "answers") for sender in senders]
    named += [(settings.leave_address, "mails of readers who leave"), (settings.bounce_address, "reports")]
    for address, use in named:
        if address and use not in uses.setdefault(domain_of(address), []):
            uses[domain_of(address)].append(use)
    return uses


def _known(domains: Iterable[str]) -> list[str]:
    """Those that are no examples, in one order."""
    return sorted(domain for domain in domains if not setup.is_example(domain))
