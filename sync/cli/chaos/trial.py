"""One trial: a hub on one back end, everything that is done to it, and what came of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sync.cli.chaos import directory, history
from sync.cli.chaos.house import House, Member, environment
from sync.cli.chaos.monkey import Monkey, Plan
from sync.cli.chaos.nursery import open_nursery
from sync.cli.chaos.people import SFA, SOURCES, Story
from sync.cli.chaos.recovery import Recovery
from sync.cli.chaos.servers import Postgres, RabbitMQ, Redis
from sync.cli.chaos.verdict import Verdict
from sync.cli.chaos.world import VENDOR_OF, World
from sync.cli.demo.serving import free_ports

if TYPE_CHECKING:
    from sync.store.backlog import Backlog
    from sync.store.database import Database

BACKENDS = ("sqlite", "postgres", "redis", "rabbitmq")
SQLITE = "sqlite:///data/renkei.sqlite3"
BEAT_SECONDS = 0.05
COUNT_SECONDS = 0.5
ASK_SECONDS = 2.0
"""How often the sources are pulled, beside their schedule."""
IDLE_SECONDS = 1.0
LATE_SECONDS = 15.0
GIVEN_UP_SECONDS = 30.0
RETRY_SECONDS = 15.0
"""Seconds without progress after which the operator looks at what was set aside or waits."""
PATIENCE = 180.0
"""Seconds without any progress after which a trial is given up."""
PASSES = (1, 2, 3)
"""At which pass of a named point a process dies; the later ones where there is MANY a record, since
a small sync may never come to them."""
MANY = 20_000
QUIET_LOOKS = 4
"""Looks in a row that must find nothing left to do, each after another pull of the sources."""
QUIET_SECONDS = 0.7
FOR_EVER = "9"
"""Later than any moment, as moments are stored."""
LAST_RUNS = 4
"""Runs that a hub may take to come to rest once everything is over."""

Tell = Callable[[float, "Trial"], None]


class Stuck(Exception):
    """Nothing moved any more."""


@dataclass(frozen=True, slots=True)
class Servers:
    """Where database and broker are, and how to trouble them, where that may be done."""

    database: str = SQLITE
    broker: str = ""
    flush: Callable[[], None] | None = None
    restart: Callable[[str], None] | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """What a trial is about. ``given`` are URLs of servers that are there, by back end's name.

    Without ``faulty`` the lines to the vendors do not fail. Without ``points`` no life is ended at
    the named points.
    """

    root: Path
    backend: str
    story: Story
    seed: int
    plan: Plan
    faulty: bool = True
    points: bool = True
    given: Mapping[str, str] = field(default_factory=dict)


def run(setting: Setting, tell: Tell = lambda _share, _trial: None) -> Verdict:
    """Do it all. ``tell`` is told how much is done, now and then.

    Raises servers.Missing where a program is not there, and StuckProcess where one does not end.
    """
    began = time.monotonic()
    with _standing(setting) as trial:
        trial.tell = tell
        again, stuck = 0, ""
        try:
            trial.trouble()
            trial.settle()
            again = trial.rest()
        except Stuck as error:
            stuck = str(error)
        trial.house.end()
        return Verdict(
            backend=setting.backend,
            story=setting.story,
            findings=history.check(setting.story, trial.world.journals),
            ledger=history.ledger(trial.database, setting.story),
            done={**trial.monkey.counts, **trial.world.courier.counts, **trial.operator},
            dealt=trial.world.faults.dealt,
            hit=trial.monkey.hit,
            missed=trial.monkey.points,
            falls=trial.house.falls,
            unbegun=trial.house.unbegun,
            recovery=trial.recovery.seconds,
            stops=trial.stops,
            again=again,
            digest=history.digest(trial.world.journals, trial.database),
            seconds=time.monotonic() - began,
            stuck=stuck,
        )


@contextmanager
def _standing(setting: Setting) -> Iterator[Trial]:
    """Servers, vendors, the operator's directory and the hub's processes of a trial."""
    from sync.engine.crash import POINTS
    from sync.store.database import Database
    from sync.store.upgrade import upgrade

    setting.root.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        servers = _servers(setting, stack)
        ports = dict(zip([*VENDOR_OF, "hub"], free_ports(len(VENDOR_OF) + 1), strict=True))
        world = World(setting.story, setting.seed, faulty=setting.faulty)
        world.plant()
        directory.write_files(
            setting.root,
            ports,
            database=servers.database,
            broker=servers.broker,
            refresh_token=world.refresh_token,
        )
        stack.enter_context(world.serving(ports, f"http://127.0.0.1:{ports['hub']}"))
        place = servers.database.replace("sqlite:///", f"sqlite:///{setting.root}/")
        database = Database(place)
        stack.callback(database.close)
        upgrade(database)
        points: list[str] = []
        if setting.points and setting.plan.kills:
            passes = PASSES if setting.story.records >= MANY else PASSES[:1]
            points = [f"{one}:{nth}" for nth in passes for one in POINTS]
        monkey = Monkey(
            setting.plan.deeds(setting.seed),
            setting.seed,
            world,
            points,
            flush=servers.flush,
            restart=servers.restart,
        )
        recovery, stops = Recovery(), list[float]()

        def killed(process: str, point: str) -> None:
            recovery.died(process)
            if point:
                monkey.died_at(point)

        members = _members(setting.backend)
        nursery = open_nursery(setting.root, environment())
        house = House(setting.root, nursery, members, monkey.next_point, killed, stops.append)
        stack.callback(house.end)
        yield Trial(setting, world, database, house, monkey, recovery, stops)


def _members(backend: str) -> list[Member]:
    if backend in ("redis", "rabbitmq"):
        return [
            Member("up", ("up",)),
            Member("worker-1", ("worker",)),
            Member("worker-2", ("worker",)),
        ]
    return [Member("up", ("up",)), Member("up-2", ("up", "--no-web"))]


def _servers(setting: Setting, stack: ExitStack) -> Servers:
    """Start what the back end needs, where it is not given."""
    if setting.backend == "sqlite":
        return Servers()
    restart: Callable[[str], None] | None = None
    database = setting.given.get("postgres", "")
    if not database:
        postgres = Postgres()
        stack.callback(postgres.stop)
        postgres.start()
        database, restart = postgres.url, postgres.restart
    if setting.backend == "postgres":
        return Servers(database, restart=restart)
    broker = setting.given.get(setting.backend, "")
    if broker:
        return Servers(database, broker, restart=restart)
    make = Redis if setting.backend == "redis" else RabbitMQ
    server: Redis | RabbitMQ = make(setting.root / setting.backend)
    stack.callback(server.stop)
    server.start()
    return Servers(database, server.url, server.flush, restart)


@dataclass
class Trial:
    """A hub that stands, and what is done to it."""

    setting: Setting
    world: World
    database: Database
    house: House
    monkey: Monkey
    recovery: Recovery
    stops: list[float]
    tell: Tell = lambda _share, _trial: None
    operator: Counter[str] = field(default_factory=Counter)
    _received: int = 0
    _counted: float = 0.0
    _asked: float = 0.0
    _asks: bool = True
    _retried: float = 0.0
    _nudged: float = 0.0
    _share: float = 0.0
    _grew: float = field(default_factory=time.monotonic)
    _moved: float = field(default_factory=time.monotonic)
    _mark: int = 0

    def trouble(self) -> None:
        """Let the hub work, with everything that is done to it, until all of that is done."""
        while True:
            share = self._beat()
            now = time.monotonic()
            if share > self._share:
                self._share, self._grew = share, now
            if self.world.is_silent and self.monkey.is_done:
                if share >= 1.0 or now - self._grew > GIVEN_UP_SECONDS:
                    return
                continue
            self._nudge()
            if self.monkey.points:
                continue  # every life ends at the next of them
            if now - self._grew > LATE_SECONDS:
                share = 1.0  # what has not come by now may never come; the checker will tell
            idle = now - self._moved > IDLE_SECONDS
            self.monkey.act(self.house, share, -1 if idle else self._mark)
            # While deeds are left, people go on talking, so that there is something to disturb.
            self.world.edit_up_to(min(share * 1.05, self.monkey.share))

    def _nudge(self) -> None:
        """Let somebody say something where nothing is left to do."""
        now = time.monotonic()
        if now - max(self._moved, self._nudged) > IDLE_SECONDS:
            self._nudged = now
            if self.monkey.next_point().startswith("hook."):
                self.world.touch()
            else:
                self.world.edit_next()

    def settle(self) -> None:
        """End all faults, and wait until the hub has nothing left to do; then stop it."""
        self.world.calm()
        self._asks = False
        quiet = 0
        while quiet < QUIET_LOOKS or not (self.world.is_silent and self.world.courier.is_idle()):
            self.world.edit_up_to(1.0)
            self._beat()
            if time.monotonic() - self._asked < QUIET_SECONDS:
                continue
            left = self._backlog()
            quiet = quiet + 1 if left is not None and left.is_clear else 0
            self._asked = time.monotonic()
            if quiet < QUIET_LOOKS:
                self._ask()
        self.house.down()

    def rest(self) -> int:
        """Run the hub by hand, as an operator would, until it writes nothing; what it wrote last.

        What was set aside is tried again first.
        """
        self._retry()
        for _ in range(LAST_RUNS):
            written = self._writes
            self.house.run("run")
            if self._writes == written:
                break
        written = self._writes
        self.house.run("run")
        return self._writes - written

    @property
    def _writes(self) -> int:
        return sum(journal.writes for journal in self.world.journals.values())

    def _beat(self) -> float:
        """See to everything that goes on; how much of the hub's work is done."""
        time.sleep(BEAT_SECONDS)
        self.house.tend()
        self._look()
        records = self.setting.story.records
        share = 0.3 * min(1.0, self._received / records) + 0.7 * self.world.share_held()
        mark = self._received + self._writes
        now = time.monotonic()
        if mark != self._mark:
            self._mark, self._moved = mark, now
        if now - self._moved > PATIENCE:
            raise Stuck(f"nothing moved for {PATIENCE:.0f} s; left: {self._backlog()}")
        self.tell(share, self)
        return share

    def _look(self) -> None:
        """Read how the hub stands, ask for pulls, and do what an operator has to do."""
        from sqlalchemy.exc import DBAPIError

        from sync.store import backlog, runs

        now = time.monotonic()
        try:
            self.recovery.look(self.database)
            if now - self._counted >= COUNT_SECONDS:
                self._counted = now
                with self.database.read() as tx:
                    self._received = backlog.received(tx)
                    states = runs.connection_states(tx)
                if states.get(SFA, runs.ConnectionState(SFA)).state == "needs_auth":
                    self._sign_in()
            if now - self._moved > RETRY_SECONDS and now - self._retried > RETRY_SECONDS:
                self._retried = now
                self._retry()
            if self._asks and now - self._asked >= ASK_SECONDS:
                self._asked = now
                self._ask()
        except DBAPIError:
            return  # it is being restarted

    def _retry(self) -> None:
        """Give what was set aside, and what waits for its next try, another one at once."""
        left = self._backlog()
        if left is not None and (left.set_aside or left.owed or left.received):
            self.operator["set_aside"] += left.set_aside
            self.house.run("retry", "--all", "--later")

    def _ask(self) -> None:
        """Ask for a pull of each source, unless one is asked for already."""
        from sync.store import ticks
        from sync.store.database import iso

        moment = iso(self.database.now())
        with self.database.write() as tx:
            asked = {key for key, _ in ticks.due(tx, FOR_EVER)}
            wanted = {f"pull:{name}|asked" for name in SOURCES}
            for key in wanted - asked:
                ticks.note(tx, key, [moment], "due", moment)

    def _backlog(self) -> Backlog | None:
        from sqlalchemy.exc import DBAPIError

        from sync.store import backlog

        try:
            with self.database.read() as tx:
                return backlog.backlog(tx)
        except DBAPIError:
            return None

    def _sign_in(self) -> None:
        """The SFA's grant is gone, as it may when an answer with a new token is lost: sign in."""
        self.operator["signed_in"] += 1
        token = self.world.sign_in()
        (self.setting.root / directory.TOKEN).write_text(token, "utf-8")
        for one in self.house.members:
            self.house.ask_to_stop(one)  # the configuration is read when a process begins
        self.house.run("resume", SFA)
