"""How many connections a server is asked for, and when.

It begins with one and adds one for each mail that was taken. A complaint (a connection that was refused, or
broke off in the middle of a mail) halves the most there may be, and there is a pause before the next one is
opened, longer each time in a row. Mails that are taken raise the most again, slowly. Pure: `now` is an
argument, in seconds of any clock that goes forward; so is chance.
"""

# Mails taken until one more connection may be tried after a complaint.
_MAILS_FOR_ONE_MORE = 100
# Deferrals of the mail itself in a row that make a complaint: one is about that mail, and a server that
# defers a third of them by chance is to be slowed down once in some hundred mails only.
_DEFERRED_IN_A_ROW = 5
# Doublings after which a pause is as long as it gets anyway.
_MOST_DOUBLINGS = 20


class Pressure:
    """What a server bears, as far as is known. pause_s: the first pause; most_pause_s: the longest."""

    def __init__(self, most: int, *, pause_s: float, most_pause_s: float) -> None:
        self.wanted = 1
        # Until when no connection is opened, and until when no mail is begun either.
        self.paused_until = 0.0
        self.hushed_until = 0.0
        self._configured = most
        self._most = most
        self._pause_s = pause_s
        self._most_pause_s = most_pause_s
        self._complaints = 0
        self._taken = 0
        self._deferred = 0

    def took(self) -> None:
        """A mail was taken without complaint."""
        self._complaints = self._deferred = 0
        self._taken += 1
        if self._taken % _MAILS_FOR_ONE_MORE == 0 and self._most < self._configured:
            self._most += 1
        if self.wanted < self._most:
            self.wanted += 1

    def complained(self, *, now: float, chance: float) -> float:
        """How long no connection is opened after a complaint, in seconds.

        chance: from 0 to 1, so that processes do not come again all at once. Complaints during a pause are
        part of the same one: a server that goes away breaks off all connections at once.
        """
        if now < self.paused_until:
            return self.paused_until - now
        self._most = max(1, self._most // 2)
        self.wanted = min(self.wanted, self._most)
        longest = min(self._most_pause_s, self._pause_s * 2.0 ** min(self._complaints, _MOST_DOUBLINGS))
        self._complaints += 1
        pause = longest * (0.5 + chance / 2)
        self.paused_until = now + pause
        return pause

    def deferred(self, *, now: float, chance: float) -> float:
        """How long no mail is begun after "later" was said of a mail and not of its reader; 0 at first."""
        self._deferred += 1
        if self._deferred < _DEFERRED_IN_A_ROW:
            return 0.0
        pause = self.complained(now=now, chance=chance)
        self.hushed_until = now + pause
        return pause
