"""Those who run lists are told by mail: once, whom the settings name, and later where no server takes it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from newsletter import config, notices, notifying, store, telling
from newsletter.desk import Desk
from newsletter.errors import BackendUnavailable, MaybeSent, Refused
from newsletter.model import Edition, Notice, NoticeKind, Slot, SlotState
from newsletter.notifying import Posted
from newsletter.store import notices as rows
from newsletter.store import periods, tables
from tests.builders import NOW, digest, paper
from tests.desk import NEAR
from tests.site import settings
from tests.stored import ingest

EDITOR, OPERATOR = "grace@example.org", "root@example.org"
SCHEDULE = {"every": "week", "on": ("tuesday",), "timezone": "Europe/Berlin", "approval": True}
GOES = NOW + timedelta(hours=2)
DOWN = BackendUnavailable("the server does not answer")


@dataclass
class Room:
    """A store with notices, and what is mailed of them. fails: what the server does with each mail."""

    database: Engine
    folder: Path
    values: dict[str, Any] = field(default_factory=dict)
    schedule: dict[str, Any] = field(default_factory=lambda: {"editor": EDITOR})
    now: Any = NOW
    mails: list[tuple[EmailMessage, str, str]] = field(default_factory=list)
    fails: Callable[[], Exception | None] = lambda: None

    @property
    def settings(self) -> config.Settings:
        weekly = {"title": "Paper Weekly", "schedule": SCHEDULE | self.schedule}
        return settings(self.folder, **{"lists": {"weekly": weekly}, **self.values})

    def post(self) -> Posted:
        return notifying.post(self.database, self.settings, send=self.send, now=self.now)

    def send(self, mail: bytes, sender: str, recipient: str) -> None:
        if error := self.fails():
            raise error
        self.mails.append((message_from_bytes(mail, policy=policy.default), sender, recipient))  # type: ignore[arg-type]

    def add(self, *given: Notice) -> None:
        with store.writing(self.database) as tx:
            for one in given:
                rows.add(tx, one, now=self.now)

    def alert(self, key: str = "held/1", list: str = "") -> None:
        self.add(Notice(key, NoticeKind.ALERT, list, f"About {key}", "Something is wrong.\n\nDo this: that"))

    def draft(self, note: str = "") -> Edition:
        """A draft with its notice, which goes in two hours."""
        near = paper(NEAR, "Chat servers answer from one prompt. Prefix caching shares what was computed.")
        ingest(self.database, digest(*(cached(n) for n in (1, 2)), near))
        edition, _ = self.desk().draft("weekly", on=None, since=None)
        schedule = config.schedule(self.settings, "weekly")
        assert schedule
        with store.writing(self.database) as tx:
            periods.begin(tx, "weekly", Slot("2026-W02", GOES, GOES), SlotState.OPEN, now=self.now)
            (period,) = periods.under_way(tx)
            periods.turn(tx, period, SlotState.DRAFTED, note=note, issue=edition.id, now=self.now)
        self.add(notices.draft(edition, schedule, at=GOES))
        return edition

    def desk(self) -> Desk:
        return Desk(self.database, self.settings, lambda: self.now, telling.opened)

    def told(self) -> tuple[str, str, str]:
        """The one mail: its subject, its plain text, its HTML."""
        [(mail, _, _)] = self.mails
        texts = [mail.get_body((kind,)) for kind in ("plain", "html")]
        plain, html = (part.get_content() for part in texts if part)
        return mail["Subject"], " ".join(plain.split()), html


def cached(number: int) -> Any:
    return paper(
        f"Larder {number}: Evicting the KV Cache",
        f"We evict the KV cache. The KV cache of model {number} shrinks by 4x.",
        arxiv_id=f"2601.0000{number}",
    )


@pytest.fixture
def room(database: Engine, tmp_path: Path) -> Room:
    return Room(database, tmp_path)


def test_a_draft_is_brought_whole_with_what_its_editor_needs_above_it(room: Room) -> None:
    room.values = {"base_url": "https://papers.test"}
    room.draft(note="hf_daily: nothing came")

    assert room.post() == Posted(told=1)

    subject, text, html = room.told()
    assert subject.startswith("Draft: ")
    assert subject.endswith(" (weekly/1, goes Tue 6 Jan 12:30 CET)")
    for said in ("To approve it: newsletter issues approve weekly/1", "2 KV cache", "hf_daily: nothing came"):
        assert said in text
        assert said in html
    for whole in (text, html):
        assert "https://papers.test/weekly/approve/" in whole
        assert "Larder 2: Evicting the KV Cache" in whole
        assert NEAR in whole
    body = html[html.index("<body") :]
    assert body.index("For its editor only") < body.index("Larder 1")


def test_a_theme_with_many_near_misses_hides_no_other_one(room: Room) -> None:
    elsewhere = paper("Clusters at Rest", "Jobs on thousands of GPUs wait for one another.")
    ingest(room.database, digest(*(cached(n) for n in range(10, 40)), elsewhere))
    room.draft()
    room.post()

    _, text, _ = room.told()
    assert "- Clusters at Rest (Parallelism" in text


def test_a_mail_to_an_editor_is_proper(room: Room) -> None:
    room.draft()
    room.post()

    [(mail, sender, recipient)] = room.mails
    assert (sender, recipient) == ("digest@news.example.org", EDITOR)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] is None
    assert "/approve/" not in mail.as_string()


def test_the_approving_link_of_a_mail_is_about_what_the_mail_shows(room: Room) -> None:
    room.values = {"base_url": "https://papers.test"}
    room.draft()
    room.post()

    token = room.told()[2].partition("/weekly/approve/")[2][:52]
    assert not room.desk().asked("weekly", token).changed


def test_a_notice_is_told_once_and_again_with_the_same_message_id(room: Room) -> None:
    room.alert(list="weekly")
    room.post()
    assert room.post() == Posted()

    other = Room(room.database, room.folder, fails=lambda: None)
    with store.writing(room.database) as tx:
        tx.exec_driver_sql("UPDATE notices SET told_at = NULL")
    other.now = room.now + timedelta(hours=1)
    other.post()

    first, again = room.mails[0][0], other.mails[0][0]
    assert first["Message-ID"] == again["Message-ID"]


@pytest.mark.parametrize(
    ("operator", "editor", "list", "to"),
    [
        (OPERATOR, EDITOR, "weekly", OPERATOR),
        ("", EDITOR, "weekly", EDITOR),
        ("", EDITOR, "", EDITOR),
        (OPERATOR, "", "gone", OPERATOR),
    ],
)
def test_an_alert_goes_to_the_operator_else_to_an_editor(
    room: Room, operator: str, editor: str, list: str, to: str
) -> None:
    room.values, room.schedule = {"run": {"operator": operator}}, {"editor": editor}
    room.alert(list=list)

    room.post()

    assert [mail[2] for mail in room.mails] == [to]


def test_what_nobody_is_to_be_told_is_noted_and_over(room: Room) -> None:
    room.schedule = {"editor": ""}
    room.draft()
    room.alert()

    posted = room.post()

    assert (posted.told, posted.waiting, posted.trouble, room.mails) == (0, 0, "", [])
    assert "set lists.weekly.schedule.editor" in posted.notes[0]
    assert "set run.operator" in posted.notes[1]


@pytest.mark.parametrize("error", [DOWN, MaybeSent("no answer"), Refused("later", later=True)])
def test_a_notice_that_does_not_go_waits_longer_each_time(room: Room, error: Exception) -> None:
    room.alert()
    room.fails = lambda: error
    waits = []
    for _ in range(5):
        assert (room.post().waiting, room.mails) == (1, [])
        with store.reading(room.database) as tx:
            until = tx.scalar(select(tables.notices.c.not_before))
        waits.append((until - room.now).seconds // 60)
        room.now = until

    room.fails = lambda: None
    assert waits == [1, 5, 15, 60, 60]
    assert room.post().told == 1


def test_one_that_is_refused_holds_up_no_other_and_is_given_up_after_a_day(room: Room) -> None:
    room.alert("held/1")
    room.alert("held/2")
    answers = iter([Refused("no such mailbox", later=False), *[None] * 100])
    room.fails = lambda: next(answers)

    posted = room.post()

    assert (posted.told, posted.waiting) == (1, 1)
    assert "no such mailbox" in posted.trouble
    room.fails = lambda: Refused("no such mailbox", later=False)
    for _ in range(40):
        room.now += timedelta(hours=1)
        posted = room.post()
        if posted.notes:
            break
    assert posted.notes == ["given up: About held/1: no such mailbox"]
    assert posted.waiting == 0


def test_a_draft_that_is_none_any_more_is_not_brought(room: Room) -> None:
    edition = room.draft()
    desk = room.desk()
    desk.approve(desk.look(edition))

    posted = room.post()

    assert (room.mails, posted.waiting) == ([], 0)
    assert "is no draft now" in posted.notes[0]


def test_a_look_that_cannot_be_rendered_is_what_its_editor_is_told(room: Room) -> None:
    look = room.folder / "looks" / "default"
    look.mkdir(parents=True)
    look.joinpath("issue.mjml.j2").write_text("{{ no such thing")
    room.values = {"templates_dir": room.folder / "looks"}
    room.draft()

    assert room.post().told == 1

    _, text, _ = room.told()
    assert "The mail of weekly/1 cannot be made as things stand: " in text


def test_a_report_in_columns_is_a_table_and_stays_as_it_is_in_the_text(room: Room) -> None:
    text = "Readers                 1,200\n  sent                  1,190    99.2%"
    room.add(Notice("report/weekly/1", NoticeKind.REPORT, "weekly", "Sent: weekly/1", text))

    room.post()

    [(mail, _, _)] = room.mails
    plain, html = (part.get_content() for kind in ("plain", "html") if (part := mail.get_body((kind,))))
    assert "\n  sent                  1,190    99.2%" in plain.replace("\r\n", "\n")
    assert html.count('class="figures"') == 1
    assert html.count('<tr><td dir="auto"') == 2


def test_two_processes_tell_a_notice_once(room: Room) -> None:
    room.alert()
    other = Room(room.database, room.folder)

    def meanwhile() -> None:
        other.post()

    room.fails = meanwhile
    room.post()

    assert (len(room.mails), len(other.mails)) == (1, 0)


@pytest.mark.parametrize("title", ["<script>alert(1)</script>", "{{ 7 * 7 }}", "A\r\nBcc: eve@example.org"])
def test_no_title_of_a_paper_becomes_markup_or_a_header(room: Room, title: str) -> None:
    room.draft()
    ingest(room.database, digest(paper(title, "We evict the KV cache of a model. The KV cache shrinks.")))
    room.desk().draft("weekly", on=None, since=None)

    room.post()

    _, _, html = room.told()
    assert "<script" not in html
    assert room.mails[0][0]["Bcc"] is None
