"""The company: nine simulated systems, the hub between them, and what its people do in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from connectors.chatwork.simulator import BOT
from connectors.chatwork.simulator import Simulator as Chatwork
from connectors.google_meet.simulator import DEFAULT_USER_ID
from connectors.google_meet.simulator import Simulator as GoogleMeet
from connectors.kintone.simulator import LEADS, field, leads_form
from connectors.kintone.simulator import Simulator as Kintone
from connectors.kit.session import in_process
from connectors.marketo.contract import UNLIMITED
from connectors.marketo.simulator import Simulator as Marketo
from connectors.salesforce.simulator import Simulator as Salesforce
from connectors.salesforce.simulator_fields import Field
from connectors.sansan.simulator import Simulator as Sansan
from connectors.slack.simulator import CHANNEL
from connectors.slack.simulator import Simulator as Slack
from connectors.typeform.simulator import DEFAULT_FORM_ID
from connectors.typeform.simulator import Simulator as Typeform
from connectors.zoom.simulator import Simulator as Zoom
from sync.cli.app import app
from sync.cli.context import World as Terminal
from sync.config.load import load
from sync.engine.hooks import take_hooks
from sync.engine.hub import open_hub
from sync.engine.resting import asleep, reopen
from sync.store import handoffs, journeys, leads, links
from sync.store.database import Database
from sync.store.leads import LeadRow
from sync.workers import jobs, subscribing, upkeep
from tests.journeys.complaints.conftest import posted
from tests.journeys.quarter.directory import PUBLIC, SECRET, environment, write

JST = timedelta(hours=9)
OWN_FIELDS = ("Renkei_Stage__c", "Renkei_Stage_Reason__c", "Renkei_Owner__c")
FIELD_TEAM = {"suzuki": "U0SUZUKI01", "takahashi": "U0TAKAHA01"}
INSIDE_TEAM = {"yamada": 2001, "ito": 2002}


def moment(text: str) -> datetime:
    """A day and hour of the story, in Japan: 04-02 10:00."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC) - JST


class Company:
    """Its systems by the names of their connections, and the hub as its administrator set it up."""

    def __init__(
        self, root: Path, database: Database, url: str, clock: Any, people: Mapping[str, Any]
    ) -> None:
        self.clock, self.database, self.people = clock, database, people
        self.form = Typeform(now=clock, rate=None)
        self.ma = Marketo(now=clock, rate=UNLIMITED, daily=UNLIMITED)
        self.crm = Kintone(now=clock)
        self.sfa = Salesforce(now=clock, daily_limit=1_000_000)
        self.zoom = Zoom(now=clock, limits=None, day_limits=None)
        self.meet = GoogleMeet(now=clock, per_minute=None)
        self.cards = Sansan(now=clock, rate=None)
        self.inside = Chatwork(now=clock, limits=False)
        self.field = Slack(now=clock, limits=False)
        names = ("form", "ma", "crm", "sfa", "zoom", "meet", "cards", "inside", "field")
        self.systems: dict[str, Any] = {name: getattr(self, name) for name in names}
        self.webinars: dict[str, str] = {}
        self.root, self.env = root, environment(url)
        write(root, self.meet)
        self._set_up()
        self.transports = {name: in_process(app) for name, app in self.systems.items()}
        self.hub = open_hub(
            load(root, env=self.env),
            database=database,
            transports=self.transports,
            sleep=lambda _seconds: None,
        )

    def _set_up(self) -> None:
        """Own fields, and webhooks where an administrator sets them by hand."""
        self.crm.change_form(LEADS, {**leads_form(), "担当者メール": field("担当者メール")})
        self.crm.set_webhook(LEADS, f"{PUBLIC}/hooks/crm?token={SECRET}")
        self.ma.add_field("ownerEmail")
        for kind in ("Lead", "Contact"):
            for name in OWN_FIELDS:
                own = Field(name, name, "string", length=255, custom=True)
                self.sfa.schema.put_field(kind, own)
        reason = Field("Loss_Reason__c", "失注理由", "string", length=255, custom=True)
        self.sfa.schema.put_field("Opportunity", reason)
        self.zoom.subscribe_url(f"{PUBLIC}/hooks/zoom", SECRET)
        self.meet.push_to(f"{PUBLIC}/hooks/meet")
        self.inside.set_webhook(f"{PUBLIC}/hooks/inside")
        self.field.interactivity_url = f"{PUBLIC}/hooks/field"

    # -- the hub at work -------------------------------------------------------------------------

    def deliver(self) -> None:
        """Post the webhooks on their way, and do what follows, until all is quiet."""
        for _ in range(8):
            sent = [one for system in self.systems.values() for one in system.deliveries]
            for system in self.systems.values():
                system.deliveries.clear()
            if not sent:
                return
            assert set(posted(self, sent)) == {200}
            self.work()
        raise AssertionError("webhooks do not come to an end")

    def work(self) -> None:
        """What workers do between two webhooks."""
        take_hooks(self.hub)
        jobs.resolve(self.hub)
        jobs.push_all(self.hub)
        jobs.hand_over_all(self.hub)
        jobs.push_all(self.hub)

    def poll(self) -> list[Any]:
        """The main job, as schedules start it, and what its writes bring back."""
        done = jobs.run_once(self.hub)
        troubled = [run for run in done if run.state != "succeeded"]
        assert troubled == []
        self.deliver()
        return done

    def hourly(self) -> None:
        """What the hub does by itself: hand-offs that are due, and at three at night the rest."""
        with self.database.read() as tx:
            now = self.hub.stamp()
            is_due = any(handoffs.is_due(tx, name, now) for name in ("inside", "field"))
        if is_due:
            self.work()
            self.deliver()
        if (self.clock() + JST).hour == 3:
            self.night()

    def night(self) -> None:
        """What the hub does once a day: silent leads come to rest, webhooks are asked for anew."""
        while upkeep.rest_due(self.hub):
            pass
        for name in subscribing.due(self.hub):
            subscribing.subscribe(self.hub, name)
        self.work()
        self.deliver()

    def type(self, *words: str) -> list[dict[str, Any]]:
        """Type a command for machines in the directory; its lines."""
        terminal = Terminal(env=self.env, transports=self.transports, clock=self.clock)
        given = [*words, "--json", "--dir", str(self.root)]
        answer = CliRunner().invoke(app, given, obj=terminal)
        assert answer.exit_code == 0, answer.output
        return [json.loads(line) for line in answer.stdout.splitlines()]

    # -- what people do --------------------------------------------------------------------------

    def fills_form(self, who: str, interest: str, source: str = "google") -> None:
        """Somebody fills the form on the web in."""
        one = self.people[who]
        given = {
            "email": one.email,
            "last_name": one.family,
            "first_name": one.given,
            "company": one.company,
            "phone": one.phone,
            "interest": interest,
            "consent": True,
        }
        self.form.submit(DEFAULT_FORM_ID, given, {"utm_source": source}, at=self.clock())

    def hands_card(self, who: str, to: str) -> None:
        """Somebody's business card is scanned."""
        one = self.people[who]
        self.cards.scan(
            lastName=one.family,
            firstName=one.given,
            companyName=one.company,
            email=one.email,
            tel=one.phone,
            owner={"name": to, "email": f"{to}@mihon.example"},
        )

    def enters_ma(self, who: str) -> None:
        """Marketing enters somebody, and its campaign calls the hub's webhook."""
        one = self.people[who]
        values = {"email": one.email, "lastName": one.family, "firstName": one.given}
        own = self.ma.add_lead(**values, leadStatus="Inquiry", leadSource="newsletter")
        self.ma.call_webhook(own, f"{PUBLIC}/hooks/ma", SECRET)

    def gets_mail(self, who: str, subject: str, *, until: int) -> None:
        """A mailing: sent, delivered, opened, clicked, as far as ``until``."""
        for kind in (6, 7, 10, 11)[:until]:
            self.ma.act(self._id(who, "ma"), kind, subject)

    def bounces(self, who: str, subject: str) -> None:
        """A mailing is sent and comes back."""
        for kind in (6, 8):
            self.ma.act(self._id(who, "ma"), kind, subject)

    def talks(self, who: str, seconds: int | None) -> None:
        """Inside sales calls somebody; None: nobody answers. The call is over when it is told."""
        begun = self.clock() - timedelta(seconds=60 if seconds is None else seconds + 8)
        result = "no_answer" if seconds is None else "answered"
        self.zoom.call(self.people[who].phone, talked=seconds, result=result, at=begun)

    def logs_call(self, who: str, seconds: int) -> None:
        """The same person logs a call in the SFA, too."""
        self.sfa.add_task(
            self._id(who, "sfa"),
            TaskSubtype="Call",
            Status="Completed",
            CallDurationInSeconds=seconds,
        )

    def plans_webinar(self, topic: str, start: str) -> None:
        """Marketing plans a webinar."""
        self.webinars[topic] = self.zoom.schedule("webinar", topic, moment(start))

    def registers(self, who: str, topic: str) -> None:
        """Somebody registers for a webinar."""
        one = self.people[who]
        self.zoom.register(
            self.webinars[topic], one.email, one.given, one.family, org=one.company, phone=one.phone
        )

    def holds_webinar(self, topic: str, **minutes: int) -> None:
        """A webinar took place, and these people were there for so many minutes."""
        start = self.clock() - timedelta(minutes=60)
        instance = self.zoom.hold(self.webinars[topic], start)
        for who, stayed in minutes.items():
            one = self.people[who]
            self.zoom.attend(
                instance, email=one.email, name=f"{one.family} {one.given}", seconds=stayed * 60
            )

    def books(self, who: str, start: str, minutes: int = 60) -> None:
        """Field sales invites somebody to a meeting on Google Meet."""
        one = self.people[who]
        self.people[who].meeting = self.meet.book(
            {one.email: f"{one.family} {one.given}"},
            start=moment(start),
            length=timedelta(minutes=minutes),
        )

    def meets(self, who: str, minutes: int) -> None:
        """The meeting took place; the guest is known by the name they gave."""
        one = self.people[who]
        came = [
            {"signedinUser": {"user": f"users/{DEFAULT_USER_ID}", "displayName": "佐藤 恵"}},
            {"anonymousUser": {"displayName": f"{one.family}{one.given}"}},
        ]
        length = timedelta(minutes=minutes)
        self.meet.hold(one.meeting, came, start=self.clock() - length, length=length)

    def logs_meeting(self, who: str, start: str, minutes: int) -> None:
        """Field sales logs the same meeting in the SFA."""
        self.sfa.add_event(
            self._id(who, "sfa"),
            StartDateTime=moment(start).isoformat(),
            DurationInMinutes=minutes,
        )

    def sets_stage(self, who: str, stage: str, reason: str = "") -> None:
        """Somebody sets a stage in kintone."""
        values = {"ステージ": stage} | ({"失注理由": reason} if reason else {})
        self.crm.edit_record(LEADS, self._id(who, "crm"), values)

    def converts(self, who: str) -> None:
        """Field sales converts the lead in Salesforce, which opens a deal."""
        became = self.sfa.convert_lead(self._id(who, "sfa"))
        self.people[who].deal = became["Opportunity"]

    def opens_deal(self, who: str, name: str) -> None:
        """A further deal with a customer."""
        contact = self._id(who, "sfa")
        self.people[who].deal = self.sfa.add_opportunity(contact, "Prospecting", Name=name)

    def closes_deal(self, who: str, stage: str, **fields: Any) -> None:
        """Field sales closes the deal."""
        self.sfa.edit("Opportunity", self.people[who].deal, StageName=stage, **fields)

    def replies(self, who: str, by: str, words: str) -> None:
        """Inside sales replies to a lead's hand-off in Chatwork."""
        rows = [one for one in self.inside.messages.values() if one["account_id"] == BOT]
        asked = [one for one in rows if self._called(who) in one["body"]]
        self.inside.reply(INSIDE_TEAM[by], asked[-1]["message_id"], words)

    def presses(self, who: str, by: str, action: str, reason: str = "") -> None:
        """Field sales presses a button of a lead's hand-off in Slack, and writes why if asked."""
        rows = [row for row in self.field.messages.values() if row["channel"] == CHANNEL]
        asked = [row for row in rows if self._called(who) in str(row)]
        blocks = [one for one in asked[-1]["blocks"] if one["type"] == "actions"]
        ids = [one["action_id"] for block in blocks for one in block["elements"]]
        (wanted,) = [one for one in ids if one.endswith(action)]
        self.field.press(CHANNEL, asked[-1]["ts"], wanted, FIELD_TEAM[by])
        if reason:
            self.deliver()
            (view,) = self.field.views
            self.field.submit(view, reason)

    def reopens(self, who: str, by: str, reason: str) -> None:
        """Marketing wakes somebody who is dormant."""
        lead = self.lead(who)
        assert lead.id in {one.lead_id for one in asleep(self.hub)}
        assert reopen(self.hub, [lead.id], user=by, reason=reason) == [lead.id]
        self.work()

    # -- what is there ---------------------------------------------------------------------------

    def all_leads(self) -> dict[str, LeadRow]:
        """The leads that the hub has, by who they are; nobody is there twice."""
        with self.database.read() as tx:
            ids = [row[0] for row in tx.rows("SELECT id FROM lead WHERE merged_into IS NULL")]
            found = list(leads.by_ids(tx, ids).values())
        who = {one.email: name for name, one in self.people.items()}
        named = {who[row.fields["email"]]: row for row in found}
        assert len(named) == len(found)
        return named

    def lead(self, who: str) -> LeadRow:
        """One lead."""
        return self.all_leads()[who]

    def history(self, who: str) -> list[journeys.StageRow]:
        """A lead's stages."""
        with self.database.read() as tx:
            return journeys.stages_of(tx, self.lead(who).id)

    def holds(self, who: str) -> dict[str, list[tuple[str | None, ...]]]:
        """What each system that has everybody's stage shows of a lead, once for each live copy."""
        email = self.people[who].email
        crm = [row["values"] for row in self.crm.rows(LEADS).values()]
        ma = [self.ma.held(own) for own in self.ma.ids()]
        sfa = [
            *(row for row in self.sfa.table("Lead").values() if not row.get("IsConverted")),
            *self.sfa.table("Contact").values(),
        ]
        shown = ("ステージ", "失注理由", "担当者メール")
        told = ("leadStatus", "renkeiStage", "renkeiStageReason", "ownerEmail")
        return {
            "crm": [
                tuple(row[one] for one in shown) for row in crm if row["メールアドレス"] == email
            ],
            "ma": [tuple(row.get(one) for one in told) for row in ma if row["email"] == email],
            "sfa": [
                tuple(row.get(one) for one in ("Status", *OWN_FIELDS))
                for row in sfa
                if row["Email"] == email
            ],
        }

    def records(self) -> dict[str, Any]:
        """Everything that the systems hold and the hub could have changed."""
        tables = {
            "crm": [self.crm.rows(LEADS)],
            "ma": [self.ma.table("leads"), self.ma.table("activities")],
            "sfa": [self.sfa.table(name) for name in ("Lead", "Contact", "Opportunity")],
            "inside": [self.inside.messages, self.inside.tasks],
            "field": [self.field.messages],
            "meet": [self.meet.events],
            "zoom": [self.zoom.registrants],
        }
        return deepcopy({name: [dict(one) for one in held] for name, held in tables.items()})

    def _id(self, who: str, system: str) -> str:
        with self.database.read() as tx:
            found = {row.connection: row for row in links.of_leads(tx, [self.lead(who).id])}
        return found[system].external_id

    def _called(self, who: str) -> str:
        one = self.people[who]
        return f"{one.family} {one.given}"
