"""Chatwork: rooms, their messages and tasks. The hub hands leads over there and hears the answers.

What is odd here:

- There are no buttons. A message says which words to reply, and a reply names the message it
  answers (``[rp aid=… to=…]``); replies to anybody else's messages are none of our business.
- A task may go with a message. That it was completed is told by nobody: ``collect_answers`` asks.
- A webhook is sent once, and is switched off by the vendor when it fails too often. So answers are
  asked for as well, and a quiet webhook is no proof of a quiet room.
- The signature has no time in it. The hub's de-duplication is the replay guard.
- The list of messages holds the newest hundred and has no second page; nor has that of tasks.
  Without ``force=1`` it gives each message once to everybody who shares the token: never used.
- Markup cannot be escaped. Brackets in what people wrote are made full-width.
- Bodies are forms, not JSON. Nothing new is a 204 with nothing in it.
- 300 requests in five minutes for the account, and ten posts in ten seconds for a room. There is no
  Retry-After, only the time at which the five minutes end.
- Nothing is keyed: after a lost answer ``find_posted`` looks whether the message is there.
- Whoever has the API token is the account. Use a bot account, and invite it to the rooms.
- Mail addresses of people cannot be read: mentions and tasks name account ids.
"""

from __future__ import annotations

from connectors.chatwork.connector import Connector, connect
from connectors.chatwork.options import OAuthApp, Options

__all__ = ["Connector", "OAuthApp", "Options", "connect"]
