"""kintone (サイボウズ): a database that customers build themselves. A stream is one app.

There are no leads at kintone, only numbered apps with fields whose codes their users choose and may
rename; the operator says which app holds what, and the field map which field. What is odd:

- 更新日時 is kept to the minute. A pull goes by whole minutes and repeats some (see ``pull``).
- Field codes that an app does not have are ignored without an error, on reading and on writing.
  So the form is read first, and what it lacks is refused here.
- Writes are all or none, a hundred records at a time (see ``push``).
- The status of process management is not written but reached by actions (see ``process``).
- Deleted records leave no trace in the API: a webhook tells, or a sweep of all ids.
- Webhooks are unsigned and lossy (see ``hooks``), and are not sent for our own batch writes.
- A search may come back cut short with only a header to say so; that stops the stream.
- An app takes 10,000 requests a day (Standard course), counted from 09:00 in Japan; more is no
  error, but Cybozu may act. The domain takes 100 at once, across everything that uses it.
- Lookups copy fields from another app, whose API token must be among ours to write the key.
"""

from __future__ import annotations

from connectors.kintone.connector import Connector, connect
from connectors.kintone.options import App, Options

__all__ = ["App", "Connector", "Options", "connect"]
