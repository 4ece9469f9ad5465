"""Send what is due: written down first, then sent, then noted.

No transaction is open meanwhile. An alert whose fate is unknown, after a lost answer or a kill, is
looked for in a chat before it is sent again. A mail cannot be looked for and is sent again: rather
twice than never.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from email.message import EmailMessage

from connectors.kit.errors import AuthFailed, ConnectorError, RateLimited, Unavailable
from connectors.kit.messages import FindsPosts, Message, Posts
from sync.config.alerts import ChatConfig, DestinationConfig, MailConfig
from sync.engine.backoff import LONGEST_WAIT, backoff
from sync.engine.crash import crashpoint
from sync.engine.hub import Flow, Hub, new_id
from sync.engine.incidents import smtp
from sync.engine.incidents.composing import compose
from sync.engine.incidents.errors import AlertRefused
from sync.engine.quota import Lane, in_lane
from sync.store import alerts, incidents, runs
from sync.store.alerts import AlertRow
from sync.store.database import Tx, from_iso, iso

LEASE = timedelta(minutes=15)
"""Longer than a mail server that answers at the last moment each time can take."""

Mailer = Callable[[MailConfig, EmailMessage], int]
"""Hands a mail to a server; raises as ``smtp.post`` does."""


def send_due(
    hub: Hub, *, mailer: Mailer = smtp.post, stop: Callable[[], bool] = lambda: False
) -> Counter[str]:
    """Send what is due; how many were sent, put off and dropped.

    Safe beside other workers, and to be killed anywhere.
    """
    done: Counter[str] = Counter()
    while not stop():
        now = hub.now()
        with hub.database.write() as tx:
            row = alerts.claim(tx, iso(now), iso(now + LEASE), hub.process)
        if row is None:
            break
        done[_send(hub, row, mailer)] += 1
    return done


def send_test(hub: Hub, names: Sequence[str], *, mailer: Mailer = smtp.post) -> list[AlertRow]:
    """Send a test to these destinations, now and once; the alerts with what became of them."""
    now = hub.now()
    rows = [
        AlertRow(
            id=new_id("al", now),
            destination=name,
            about="test",
            state="due",
            created_at=iso(now),
            due_at=iso(now + LEASE),
            attempts=1,
            fence=1,
            leased_by=hub.process,
        )
        for name in names
    ]
    with hub.database.write() as tx:
        alerts.put(tx, rows)
    for row in rows:
        _send(hub, row, mailer)
    return rows


def _send(hub: Hub, row: AlertRow, mailer: Mailer) -> str:
    """Send one alert; sent, put_off, dropped or (somebody else has it) lost."""
    destination = hub.config.alerts.destination(row.destination)
    looked_for = row.sending_at is not None
    state = _begin(hub, row, destination)
    if state != "sending" or destination is None:
        return state
    crashpoint("alert.after_intent")
    try:
        refused = _deliver(hub, row, destination, mailer, looked_for=looked_for)
    except ConnectorError as error:
        _put_off(hub, row, destination, error, looked_for=looked_for)
        return row.state if row.state == "dropped" else "put_off"
    crashpoint("alert.after_send")
    row.state, row.sent_at, row.leased_by = "sent", hub.stamp(), None
    row.error = "MAIL_PARTLY_REFUSED" if refused else None
    with hub.database.write() as tx:
        alerts.save(tx, row)
    crashpoint("alert.after_record")
    return "sent"


def _begin(hub: Hub, row: AlertRow, destination: DestinationConfig | None) -> str:
    """Settle what is said and write down that it is about to be sent: sending, dropped or lost."""
    with hub.database.write() as tx:
        if not alerts.is_held(tx, row):
            return "lost"
        if destination is not None and row.content is None:
            told = _still_told(tx, row)
            if told or row.about == "test":
                row.content = compose(hub, row.about, told, row.id)
                row.sending_at = hub.stamp()
        if destination is None or row.content is None:
            row.state, row.leased_by = "dropped", None
        else:
            row.state = "sending"
        alerts.save(tx, row)
    return row.state


def _still_told(tx: Tx, row: AlertRow) -> list[incidents.IncidentRow]:
    """What an alert tells of. What ended before anybody was told of it is not told any more."""
    told = incidents.of_alert(tx, row.id)
    if row.about == "closed":
        return told
    over = [one.id for one in told if one.state == "closed"]
    alerts.untell(tx, row.id, over)
    return [one for one in told if one.id not in over]


def _deliver(
    hub: Hub,
    row: AlertRow,
    destination: DestinationConfig,
    mailer: Mailer,
    *,
    looked_for: bool,
) -> int:
    """Hand it over; how many of those who should get it were refused."""
    content = row.content or {}
    if destination.mail is not None:
        at = from_iso(row.sending_at or row.created_at)
        return mailer(destination.mail, smtp.mail_of(destination.mail, row.id, content, at))
    if destination.chat is not None:
        message = Message(destination.chat.room, content["title"], tuple(content["lines"]))
        _say(_flow(hub, destination.chat), message, row, looked_for=looked_for)
    return 0


def _flow(hub: Hub, chat: ChatConfig) -> Flow:
    flow = hub.flows.get(chat.connection)
    if flow is None or not flow.config.enabled or not isinstance(flow.connector, Posts):
        raise AlertRefused(
            f'connection "{chat.connection}" cannot say anything: it is no chat, or switched off',
            code="ALERT_NO_CHAT",
        )
    with hub.database.read() as tx:
        held = runs.connection_states(tx).get(flow.name)
    if held is not None and held.state == "paused":
        raise Unavailable(f'connection "{flow.name}" is paused', code="ALERT_CHAT_PAUSED")
    return flow


def _say(flow: Flow, message: Message, row: AlertRow, *, looked_for: bool) -> None:
    try:
        with in_lane(Lane.HAND_OFF):
            if looked_for and _is_there(flow, message, row):
                return
            flow.connector.post(message)
    finally:
        flow.meter.settle()


def _is_there(flow: Flow, message: Message, row: AlertRow) -> bool:
    """Whether a chat has the message already; where it cannot be asked, it is sent again."""
    if not isinstance(flow.connector, FindsPosts):
        return False
    try:
        since = from_iso(row.sending_at or row.created_at)
        return flow.connector.find_posted(message, since) is not None
    except (RateLimited, Unavailable):
        raise
    except ConnectorError:
        return False


def _put_off(
    hub: Hub,
    row: AlertRow,
    destination: DestinationConfig,
    error: ConnectorError,
    *,
    looked_for: bool,
) -> None:
    """Later; as if it had not been begun, where it surely was not sent."""
    wait = backoff(row.attempts)
    if isinstance(error, RateLimited):
        wait = timedelta(seconds=error.retry_after)
        row.attempts -= 1
    elif not isinstance(error, Unavailable):
        wait = LONGEST_WAIT
    is_unsure = isinstance(error, Unavailable) and error.maybe_applied
    if not looked_for and not is_unsure:
        row.state, row.content, row.sending_at = "due", None, None
    if row.about == "test":
        row.state = "dropped"
    row.error, row.leased_by, row.due_at = error.code, None, iso(hub.now() + wait)
    with hub.database.write() as tx:
        alerts.save(tx, row)
        if isinstance(error, AuthFailed) and destination.chat is not None:
            runs.set_connection(
                tx, destination.chat.connection, "needs_auth", str(error), hub.stamp()
            )
