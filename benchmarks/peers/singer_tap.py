"""A Singer tap of the vendor's contacts. Run by the interpreter of its environment.

``singer_tap.py VENDOR`` writes messages to standard output, for a target to read.
"""

import sys

import requests
from singer_sdk import Stream, Tap
from singer_sdk import typing as th

TEXTS = [
    "id",
    "updated_at",
    "email",
    "last_name",
    "first_name",
    "last_name_kana",
    "first_name_kana",
    "company",
    "department",
    "title",
    "phone",
    "mobile",
    "fax",
    "postal_code",
    "prefecture",
    "city",
    "street",
    "country",
    "website",
    "status",
    "source",
    "campaign",
    "owner",
    "opt_in",
    "language",
    "industry",
    "employees",
    "plan",
    "note",
]


class Contacts(Stream):
    """The one stream."""

    name = "contacts"
    primary_keys = ("id",)
    schema = th.PropertiesList(
        *(th.Property(name, th.StringType) for name in TEXTS),
        th.Property("score", th.IntegerType),
    ).to_dict()

    def get_records(self, context):  # noqa: ARG002  # the SDK gives it
        """All contacts, page by page."""
        session = requests.Session()
        session.trust_env = False
        after = "0"
        while after is not None:
            url = f"{self.config['vendor']}/contacts"
            body = session.get(url, params={"after": after}).json()
            after = body["next"]
            yield from body["results"]


class Neutral(Tap):
    """The tap."""

    name = "tap-neutral"
    config_jsonschema = th.PropertiesList(th.Property("vendor", th.StringType)).to_dict()

    def discover_streams(self):
        """The one stream."""
        return [Contacts(self)]


if __name__ == "__main__":
    Neutral(config={"vendor": sys.argv[1]}).sync_all()
