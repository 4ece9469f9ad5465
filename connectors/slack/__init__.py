"""Slack: messages with buttons in channels. The hub hands leads over there and hears the answers.

What is odd here:

- A refusal is HTTP 200 with ``ok: false`` and a word. Only too many requests are a 429.
- A press of a button comes as a form whose ``payload`` is JSON; events come as JSON. The raw body
  is signed with the time, and is believed for five minutes.
- A press must be acknowledged within three seconds and is never sent again. Events come again up to
  three times, with ``X-Slack-Retry-Num`` and the same event id.
- The trigger of a press lives for three seconds: ``ask`` is false when it was too late, and the
  person presses again (or writes into the thread, where ``thread_replies`` is on).
- The response address of a press takes five answers in half an hour and needs no token, so it gets
  none. After that ``tell`` uses chat.postEphemeral.
- chat.postMessage is not keyed. A mark among the blocks lets ``find_posted`` see whether a message
  whose answer was lost is there; it needs channels:history.
- Anybody in a channel can press. Who may is the hub's to say, by ``email_of``.
- ``ts`` is a name and no number: as a float it would lose its end.
- &, < and > are escaped in everything people wrote, or a lead called ``<!channel>`` calls all.
- Slack has no tasks; those a task is for are mentioned.
- One message a second in a channel. A channel's history is the list with the smallest allowance,
  one request a minute for apps that are distributed: ours is the customer's own. It has no thread
  replies, and says nothing of deleted messages.
"""

from __future__ import annotations

from connectors.slack.connector import Connector, connect
from connectors.slack.options import Options

__all__ = ["Connector", "Options", "connect"]
