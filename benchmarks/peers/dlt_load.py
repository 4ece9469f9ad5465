"""dlt's plain merge load of the vendor's contacts. Run by the interpreter of dlt's environment.

``dlt_load.py VENDOR DATABASE HOME``; a second call with the same home and database loads again.
"""

import os
import sys

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["RUNTIME__LOG_LEVEL"] = "ERROR"

import dlt
import orjson
import requests

vendor, database, home = sys.argv[1:]


@dlt.resource(name="contacts", primary_key="id", write_disposition="merge")
def contacts():
    """The vendor's contacts, page by page."""
    session = requests.Session()
    session.trust_env = False
    after = "0"
    while after is not None:
        body = orjson.loads(session.get(f"{vendor}/contacts", params={"after": after}).content)
        after = body["next"]
        yield body["results"]


if database.startswith("postgres"):
    destination = dlt.destinations.postgres(database)
else:
    destination = dlt.destinations.sqlalchemy(database)
pipeline = dlt.pipeline("bench", pipelines_dir=home, destination=destination, dataset_name="bench")
pipeline.run(contacts()).raise_on_failed_jobs()
