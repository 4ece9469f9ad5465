"""What keeps an alert from being sent until somebody corrects it."""

from __future__ import annotations

from connectors.kit.errors import ConnectorError


class AlertRefused(ConnectorError):
    """The destination does not take the alert as it is configured. Nothing was sent."""

    code = "ALERT_REFUSED"
