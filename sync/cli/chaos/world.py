"""The vendors of the crash suite: two sources and two targets, in the suite's own process.

They are never killed, so that what they hold is the truth. The hub reaches them over loopback only,
through lines that fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sync.cli.chaos.courier import Courier
from sync.cli.chaos.faults import Faults, Faulty
from sync.cli.chaos.history import Journal
from sync.cli.chaos.people import CRM, FORM, MA, SFA, TARGETS, Edit, Person, Story
from sync.cli.demo.planting import at
from sync.cli.demo.serving import build

VENDOR_OF = {FORM: "typeform", MA: "hubspot", SFA: "salesforce", CRM: "kintone"}
"""Whose simulator a connection talks to."""
APP = 5
"""The kintone app リード管理."""
DRIFTING, OPTION = "メール配信", "拒否"
"""The field of it whose option somebody removes for a while: what opt-outs are written with."""
HOOK_SECRET = "chaos-webhook-secret"  # noqa: S105 - of the suite, opens nothing
PLANTED_BEFORE = timedelta(hours=3)
"""How old what is planted is: older than what a source's pull reads again in any case."""
EDITS_AT_ONCE = 4
INDEX_LAG = 1.0
"""Seconds that the sources' listings are behind."""
SESSION_SECONDS = 20.0
"""How long a session of the SFA lives: then its refresh token is rotated."""


class World:
    """Four vendors with people on file. ``journals`` are what the targets were told."""

    def __init__(self, story: Story, seed: int, *, faulty: bool) -> None:
        self.story = story
        self.base = datetime.now(UTC)
        self.faults = Faults(seed, quota=frozenset({MA}), on=faulty)
        self.courier = Courier(seed)
        self.courier.calm = not faulty
        self.simulators: dict[str, Any] = {
            name: build(slug, seed=seed) for name, slug in VENDOR_OF.items()
        }
        self.journals = {target: Journal(target) for target in TARGETS}
        self.edited = 0
        self._touched = 0
        self._spoke: Person | None = None
        self._contacts: dict[int, str] = {}
        form, ma, sfa = (self.simulators[name] for name in (FORM, MA, SFA))
        form.lag = INDEX_LAG
        ma.portal.index.lag = timedelta(seconds=INDEX_LAG)
        sfa.revoke_on_reuse = True
        sfa.session_timeout = timedelta(seconds=SESSION_SECONDS)
        self.refresh_token = str(sfa.sign_in())
        for target, journal in self.journals.items():
            self.simulators[target].note_changes(journal.note)

    def plant(self) -> None:
        """Put everybody who is known from the start on file."""
        oldest = self.base - timedelta(minutes=len(self.story.planted) + len(self.story.edits))
        with at(self.simulators[MA], self.base - PLANTED_BEFORE):
            for one in self.story.planted:
                if FORM in one.sources:
                    self._answer(one, 0, oldest + timedelta(minutes=one.number))
                if MA in one.sources:
                    self._contacts[one.number] = self._contact(one)

    @contextmanager
    def serving(self, ports: Mapping[str, int], hub: str) -> Iterator[None]:
        """Serve the vendors while the block runs, and send their webhooks to the hub."""
        from connectors.kit.serving import serving

        self.simulators[MA].subscribe_url(f"{hub}/hooks/{MA}", HOOK_SECRET)
        with ExitStack() as running:
            for name, simulator in self.simulators.items():
                line = Faulty(simulator, name, self.faults)
                running.enter_context(serving(line, ports[name], name=f"vendor-{name}"))
                simulator.deliver = self.courier.post
            running.callback(self.courier.stop)
            yield

    def edit_up_to(self, share: float) -> None:
        """Let the next people say what they say, a few at most, up to this share of the story.

        Nobody says two things in one call.
        """
        until = round(len(self.story.edits) * min(1.0, share))
        for edit in self.story.edits[self.edited : min(until, self.edited + EDITS_AT_ONCE)]:
            if edit.person is self._spoke:
                self._spoke = None
                return
            self.edit_next()
            self._spoke = edit.person

    @property
    def is_silent(self) -> bool:
        """Whether everything has been said."""
        return self.edited == len(self.story.edits)

    def edit_next(self) -> None:
        """Let the next one say what they say, if there is anybody left."""
        if not self.is_silent:
            self._say(self.story.edits[self.edited])
            self.edited += 1

    def touch(self) -> None:
        """Somebody says something of a contact that concerns no other system."""
        self._touched += 1
        contact = next(iter(self._contacts.values()))
        language = ("ja", "en")[self._touched % 2]
        self.simulators[MA].set_property("contacts", contact, "hs_language", language)

    def _say(self, edit: Edit) -> None:
        if edit.kind == "answer":
            # By the minute, so that no two answers of a person bear one time.
            moment = self.base - timedelta(minutes=len(self.story.edits) - self.edited)
            self._answer(edit.person, edit.version, moment)
            return
        name, value = (
            ("hs_email_optout", "true")
            if edit.kind == "opt_out"
            else ("jobtitle", edit.person.title(MA, edit.version))
        )
        self.simulators[MA].set_property(
            "contacts", self._contacts[edit.person.number], name, value
        )

    def _answer(self, one: Person, version: int, at: datetime) -> None:
        from connectors.typeform.simulator import DEFAULT_FORM_ID

        values = {
            "email": one.email,
            "last_name": one.family,
            "first_name": one.given,
            "last_name_kana": one.kana[0],
            "first_name_kana": one.kana[1],
            "company": one.company,
            "department": one.department(version),
            "title": one.title(FORM, version),
            "consent": False,
        }
        self.simulators[FORM].submit(DEFAULT_FORM_ID, values, {}, at=at)

    def _contact(self, one: Person) -> str:
        values = {
            "email": one.email,
            "lastname": one.family,
            "firstname": one.given,
            "company": one.company,
            "jobtitle": one.title(MA, 0),
        }
        if one.opted_out:
            values["hs_email_optout"] = "true"
        return str(self.simulators[MA].add_contact(**values))

    # What goes wrong at a vendor itself

    def drift(self) -> None:
        """Somebody removes an option of a field of the CRM's app."""
        self._change(lambda options: {k: v for k, v in options.items() if k != OPTION})

    def mend(self) -> None:
        """Somebody puts the option back."""
        self._change(lambda options: {**options, OPTION: {"label": OPTION, "index": "9"}})

    def _change(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        crm = self.simulators[CRM]
        with crm.lock:
            form = dict(crm.table("apps")[str(APP)]["form"])
            field = form[DRIFTING]
            crm.change_form(APP, {**form, DRIFTING: {**field, "options": change(field["options"])}})

    def lock_rows(self, count: int) -> None:
        """Somebody works on some records of the SFA: a part of a batch is refused."""
        sfa = self.simulators[SFA]
        with sfa.lock:
            for row_id in list(sfa.table("Lead"))[-count:]:
                sfa.lock_row(row_id, times=1)

    def sign_in(self) -> str:
        """Somebody signs in to the SFA again: the new refresh token."""
        sfa = self.simulators[SFA]
        with sfa.lock:
            self.refresh_token = str(sfa.sign_in())
        return self.refresh_token

    def calm(self) -> None:
        """Faults are over."""
        self.faults.on = False
        self.courier.calm = True
        self.mend()

    def share_held(self) -> float:
        """How many of the records that the targets must hold they hold."""
        held = sum(len(journal.states) for journal in self.journals.values())
        return held / (len(self.story.everybody) * len(TARGETS))
