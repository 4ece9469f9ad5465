"""A connector on the bench: built from its own rehearsal, wired to its simulator, never asleep."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import pytest
from pydantic import BaseModel, SecretStr, ValidationError

from connectors.kit.base import Change, Outcome, Page, Pulls, Pushes, Record
from connectors.kit.errors import ConnectorError
from connectors.kit.rehearsal import Rehearsal
from connectors.kit.session import Wiring, in_process
from connectors.kit.simulator import Fault, Response
from connectors.kit.tokens import MemoryTokens
from connectors.registry import ConnectorBroken, Installed, Registry, find

__all__ = ["Bench", "bench", "installed", "pytest_generate_tests"]

T = TypeVar("T")
MOST_PAGES = 5_000
PLANTED = 25
"""Leads that are planted; set a small page size in the rehearsal's options to see several pages."""
EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "changes": ("change_one", "updates"),
    "deletes": ("delete_one",),
    "repeat": ("push", "keyed_upserts"),
    "lost_answer": ("push", "simulator", "repeat"),
    "unknown_field": ("push",),
    "webhook": ("webhooks", "hook"),
    "revoke": ("auth", "simulator"),
    "rate_limit": ("simulator",),
    "unavailable": ("simulator",),
    "html": ("simulator",),
}
"""Other keys of ``quality.exempt`` that let a connector off a check as well."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each connector found, or for those named with --connector."""
    if "installed" not in metafunc.fixturenames:
        return
    registry = registry_of(metafunc.config)
    broken = {item.slug for item in registry.broken}
    slugs = metafunc.config.getoption("--connector", default=None) or sorted(
        {*registry.slugs(), *broken}
    )
    metafunc.parametrize("installed", list(slugs), indirect=True)


def registry_of(config: pytest.Config) -> Registry:
    """The connectors of this run."""
    extra = config.getoption("--connector-path", default=None) or []
    return find([Path(item).resolve() for item in extra])


@pytest.fixture
def installed(request: pytest.FixtureRequest) -> Installed:
    """One connector; the test fails with the registry's message where it is broken."""
    registry = registry_of(request.config)
    for item in registry.broken:
        if item.slug == request.param:
            pytest.fail(f"{item.origin}: {item.message}", pytrace=False)
    try:
        return registry.get(request.param)
    except LookupError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def bench(installed: Installed, tmp_path: Path) -> Iterator[Bench]:
    """The connector with a vendor of its own, fresh for each test."""
    made = Bench(installed, tmp_path)
    yield made
    made.close()


class Bench:
    """One connector and one simulated vendor. ``sleeps`` are the waits it asked for."""

    def __init__(self, installed: Installed, tmp_path: Path) -> None:
        self.installed = installed
        self.manifest = installed.manifest
        self.sleeps: list[float] = []
        self.calls: list[str] = []
        self.lose: frozenset[int] = frozenset()
        self._tokens = MemoryTokens()
        self._writes = 0
        self.rehearsal = _rehearsal(installed, tmp_path)

    def close(self) -> None:
        """Give the simulator's file back."""
        if self.rehearsal.simulator is not None:
            self.rehearsal.simulator.close()

    def options(self) -> Any:
        """The options as an operator's YAML gives them."""
        try:
            return self.installed.options.model_validate(dict(self.rehearsal.options))
        except ValidationError as error:
            fields = ", ".join(".".join(map(str, item["loc"])) for item in error.errors())
            self.fail(f"the rehearsal's options are refused by the options model at: {fields}")

    def connector(self) -> Any:
        """A connector that shares nothing with the last one but its tokens."""
        simulator = self.rehearsal.simulator
        wiring = Wiring(
            connection="rehearsal",
            tokens=self._tokens,
            transport=in_process(self._lossy) if simulator is not None else None,
            sleep=self.sleeps.append,
        )
        return self.installed.connect(self.options(), wiring)

    def fail(self, message: str) -> NoReturn:
        """Fail in the words of the suite, with the connector's name."""
        pytest.fail(f"{self.installed.slug}: {message}", pytrace=False)

    def exempt(self, key: str) -> None:
        """Skip this test where the manifest says why the connector need not pass it."""
        for name in (key, *SYNONYMS.get(key, ())):
            reason = self.manifest.quality.exempt.get(name, "").strip()
            if reason:
                pytest.skip(f"{self.installed.slug} is exempt from {name}: {reason}")

    def need(self, thing: T | None, key: str, what: str) -> T:
        """``thing``; where it is missing the test is skipped by an exemption, or fails."""
        if thing is None:
            self.exempt(key)
            self.fail(
                f"{what} is missing: write it, or say why the vendor cannot do it under "
                f"quality.exempt.{key} in {self.installed.home / 'connector.yaml'}"
            )
        return thing

    def able(self, capability: Any, key: str) -> Any:
        """A connector with the capability; where it has none: an exemption, or a failure."""
        connector = self.connector()
        has = connector if isinstance(connector, capability) else None
        return self.need(has, key, f"the capability {capability.__name__}")

    def simulator(self, key: str) -> Any:
        """The vendor."""
        return self.need(self.rehearsal.simulator, key, "the rehearsal's simulator")

    def plant(self, response: Response, key: str, times: int = 10_000) -> None:
        """Let the vendor answer everything with ``response``, ``times`` times."""
        self.simulator(key).faults.append(Fault("", response=response, times=times))

    def pulls(self) -> Pulls:
        """The connector as one that can be read."""
        connector: Pulls = self.able(Pulls, "pull")
        return connector

    def pushes(self, key: str = "push") -> Pushes:
        """The connector as one that can be written to."""
        connector: Pushes = self.able(Pushes, key)
        return connector

    def changes(self, count: int) -> list[Change]:
        """New leads to write."""
        make = self.need(self.rehearsal.changes, "push", "the rehearsal's changes(n)")
        return list(make(count))

    def pages(self, stream: str, cursor: str | None) -> list[Page]:
        """A whole pull by a fresh connector; it must end."""
        pages: list[Page] = []
        for page in self.pulls().pull(stream, cursor):
            pages.append(page)
            if len(pages) > MOST_PAGES:
                self.fail(f'the pull of "{stream}" did not end after {MOST_PAGES} pages')
        return pages

    def all_pages(self) -> dict[str, list[Page]]:
        """A whole pull of every stream, from the beginning."""
        return {stream: self.pages(stream, None) for stream in self.rehearsal.streams}

    def alive(self) -> set[tuple[str, str]]:
        """What the vendor holds now, deleted records aside."""
        return {
            (record.stream, record.external_id)
            for pages in self.all_pages().values()
            for record in records_of(pages)
            if not record.deleted
        }

    def secrets(self) -> set[str]:
        """Every secret of the options, in clear; short ones could be anywhere by chance."""
        found = {item for item in _secrets(self.options()) if len(item) >= 6}
        return found | {line for item in found for line in item.splitlines() if len(line) >= 16}

    def _lossy(self, environ: dict[str, Any], start_response: Any) -> Any:
        """The simulator, which loses the answers to the writes that ``lose`` numbers."""
        answer = self.simulator("simulator")(environ, start_response)
        self.calls.append(environ["REQUEST_METHOD"])
        if environ["REQUEST_METHOD"] in {"GET", "HEAD"}:
            return answer
        self._writes += 1
        if self._writes in self.lose:
            raise ConnectionResetError("the answer was lost on its way")
        return answer


def records_of(pages: Sequence[Page]) -> list[Record]:
    """The records of all pages, in order."""
    return [record for page in pages for record in page.records]


def ids_of(pages: Sequence[Page]) -> set[str]:
    """The ids of all pages."""
    return {record.external_id for record in records_of(pages)}


def last_cursor(pages: Sequence[Page], before: str | None = None) -> str | None:
    """Where to go on after a pull."""
    return pages[-1].cursor if pages else before


def troubles(outcomes: Sequence[Outcome]) -> list[ConnectorError]:
    """The errors of all outcomes."""
    return [outcome.error for outcome in outcomes if outcome.error is not None]


def _rehearsal(installed: Installed, tmp_path: Path) -> Rehearsal:
    try:
        make = installed.rehearsal
    except ConnectorBroken as error:
        pytest.fail(str(error), pytrace=False)
    if make is None:
        pytest.fail(
            f"{installed.slug}: write {installed.home / 'contract.py'} with "
            "rehearsal(tmp_path) -> Rehearsal",
            pytrace=False,
        )
    made = make(tmp_path)
    if not isinstance(made, Rehearsal):
        pytest.fail(f"{installed.slug}: contract.py returned no Rehearsal", pytrace=False)
    return made


def _secrets(value: Any) -> Iterator[str]:
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, BaseModel):
        for _, item in value:
            yield from _secrets(item)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _secrets(item)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _secrets(item)
