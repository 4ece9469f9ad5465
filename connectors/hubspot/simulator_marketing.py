"""Routes of forms and of consent (HubSpot developer docs: forms, communication preferences v4)."""

from __future__ import annotations

from uuid import UUID

from connectors.hubspot.simulator_account import AccountRoutes
from connectors.hubspot.simulator_objects import whole_number
from connectors.hubspot.simulator_portal import Row
from connectors.hubspot.simulator_rules import Problem, iso
from connectors.kit.simulator import Request, Response, json_response, route

MOST_SUBMISSIONS = 50
LEGAL_BASES = frozenset(
    {
        "LEGITIMATE_INTEREST_PQL",
        "LEGITIMATE_INTEREST_CLIENT",
        "LEGITIMATE_INTEREST_OTHER",
        "PERFORMANCE_OF_CONTRACT",
        "CONSENT_WITH_NOTICE",
        "PROCESS_AND_STORE",
        "NON_GDPR",
    }
)
FORM_SETTINGS: Row = {
    "configuration": {
        "language": "ja",
        "cloneable": True,
        "editable": True,
        "archivable": True,
        "postSubmitAction": {"type": "thank_you", "value": "お問い合わせありがとうございます。"},
        "createNewContactForNewEmail": False,
        "prePopulateKnownValues": True,
        "allowLinkToResetKnownValues": False,
        "notifyContactOwner": False,
        "notifyRecipients": [],
        "recaptchaEnabled": False,
        "lifecycleStages": [],
    },
    "displayOptions": {
        "theme": "default_style",
        "submitButtonText": "送信",
        "renderRawHtml": False,
        "cssClass": "hs-form stacked",
        "style": {},
    },
    "legalConsentOptions": {"type": "none"},
}
"""The settings every form here has (HubSpot developer docs, marketing forms v3)."""
SUBSCRIPTION = {"id": "1001", "name": "メールマガジン", "purpose": "Marketing"}


class MarketingRoutes(AccountRoutes):
    """Forms, their submissions, and who may be written to."""

    def add_form(
        self, name: str, fields: tuple[str, ...] = ("email", "lastname", "company")
    ) -> str:
        """Publish a form and return its GUID."""
        with self.lock:
            guid = str(UUID(int=self.random.getrandbits(128), version=4))
            now = iso(self.now())
            labels = self.portal.schema("contacts")
            self.table("forms")[guid] = {
                "id": guid,
                "name": name,
                "formType": "hubspot",
                "createdAt": now,
                "updatedAt": now,
                "archived": False,
                **FORM_SETTINGS,
                "fieldGroups": [
                    {
                        "groupType": "default_group",
                        "richTextType": "text",
                        "fields": [_field(field, labels[field]["label"])],
                    }
                    for field in fields
                ],
            }
            return guid

    def submit(
        self, form: str, page_url: str = "https://www.example.co.jp/", **values: str
    ) -> None:
        """Fill in a form; the contact with the e-mail is made or changed, as the vendor does."""
        with self.lock:
            rows = self.table(f"submissions:{form}")
            moment = int(self.now().timestamp() * 1000)
            rows[str(self.next_id(f"submissions:{form}"))] = {
                "submittedAt": moment,
                "values": [
                    {"name": name, "value": value, "objectTypeId": "0-1"}
                    for name, value in values.items()
                ],
                "pageUrl": page_url,
            }
            if values.get("email"):
                held = self.portal.resolve("contacts", values["email"], "email")
                own = held["id"] if held else None
                kept = self.portal.check("contacts", values, own)
                title = self.table("forms")[form]["name"]
                kept["recent_conversion_event_name"] = title
                kept["recent_conversion_date"] = iso(self.now())
                if own is None:
                    kept["hs_analytics_source"] = "DIRECT_TRAFFIC"
                    kept["first_conversion_event_name"] = title
                    kept["first_conversion_date"] = iso(self.now())
                self.portal.source, before = "FORM", self.portal.source
                self.portal.write("contacts", kept, own)
                self.portal.source = before
            self.tell()

    def tell(self) -> None:
        """Send the webhooks of what just happened."""

    @route("GET", "/marketing/v3/forms")
    @route("GET", "/marketing/v3/forms/")
    def list_forms(self, request: Request) -> Response:
        """All forms."""
        forms = list(self.table("forms").values())
        start = whole_number(request.args, "after", 0)
        limit = whole_number(request.args, "limit", 50)
        body: Row = {"results": forms[start : start + limit]}
        if start + limit < len(forms):
            body["paging"] = {"next": {"after": str(start + limit)}}
        return json_response(body)

    @route("GET", "/marketing/v3/forms/<guid>")
    def read_form(self, _request: Request, guid: str) -> Response:
        """One form."""
        if guid not in self.table("forms"):
            raise self.missing("form", guid)
        return json_response(self.table("forms")[guid])

    @route("GET", "/form-integrations/v1/submissions/forms/<guid>")
    def list_submissions(self, request: Request, guid: str) -> Response:
        """The submissions of a form, newest first."""
        if guid not in self.table("forms"):
            raise self.missing("form", guid)
        limit = whole_number(request.args, "limit", 20)
        if not 0 < limit <= MOST_SUBMISSIONS:
            raise self.refused(Problem(f"limit must be at most {MOST_SUBMISSIONS}"))
        rows = list(self.table(f"submissions:{guid}").values())[::-1]
        start = whole_number(request.args, "after", 0)
        body: Row = {"results": rows[start : start + limit]}
        if start + limit < len(rows):
            body["paging"] = {"next": {"after": str(start + limit)}}
        return json_response(body)

    @route("POST", "/submissions/v3/integration/submit/<int:portal>/<guid>")
    def post_submission(self, request: Request, portal: int, guid: str) -> Response:
        """What a web page sends (the vendor serves this from another host)."""
        body = self.body(request)
        if guid not in self.table("forms") or portal != self.portal_id:
            raise self.missing("form", guid)
        values = {str(one["name"]): str(one["value"]) for one in body.get("fields") or ()}
        try:
            self.submit(guid, str((body.get("context") or {}).get("pageUri", "")), **values)
        except Problem as problem:
            raise self.refused(problem) from problem
        return json_response({"inlineMessage": "お問い合わせありがとうございます。"})

    # Consent

    @route("GET", "/communication-preferences/v4/definitions")
    def definitions(self, _request: Request) -> Response:
        """The kinds of mail one can subscribe to."""
        one = {**SUBSCRIPTION, "isActive": True, "communicationMethod": "Email"}
        return json_response({"status": "COMPLETE", "results": [one]})

    def _status(self, email: str) -> Row:
        held = self.table("consent").get(email.lower(), {})
        return {
            "channel": "EMAIL",
            "subscriberIdString": email.lower(),
            "subscriptionId": int(SUBSCRIPTION["id"]),
            "subscriptionName": SUBSCRIPTION["name"],
            "status": held.get("status", "NOT_SPECIFIED"),
            "source": held.get("source"),
            "legalBasis": held.get("legalBasis"),
            "timestamp": held.get("timestamp"),
        }

    def _channel(self, request: Request) -> None:
        if request.args.get("channel") != "EMAIL":
            raise self.refused(Problem("channel is required and must be EMAIL"))

    @route("GET", "/communication-preferences/v4/statuses/<email>")
    def read_consent(self, request: Request, email: str) -> Response:
        """What one address is subscribed to."""
        self._channel(request)
        return json_response({"status": "COMPLETE", "results": [self._status(email)]})

    @route("POST", "/communication-preferences/v4/statuses/<email>")
    def write_consent(self, request: Request, email: str) -> Response:
        """Subscribe or unsubscribe one address."""
        body = self.body(request)
        if body.get("statusState") not in {"SUBSCRIBED", "UNSUBSCRIBED", "NOT_SPECIFIED"}:
            raise self.refused(Problem("statusState is required"))
        if str(body.get("subscriptionId")) != SUBSCRIPTION["id"]:
            raise self.refused(Problem(f"{body.get('subscriptionId')} is no subscription type"))
        basis = body.get("legalBasis")
        if basis is not None and (
            basis not in LEGAL_BASES or not body.get("legalBasisExplanation")
        ):
            raise self.refused(Problem("legalBasis is unknown or has no explanation"))
        self._consent(email, str(body["statusState"]), basis)
        return json_response(self._status(email))

    @route("POST", "/communication-preferences/v4/statuses/<email>/unsubscribe-all")
    def unsubscribe_all(self, request: Request, email: str) -> Response:
        """Opt one address out of everything; the contact's flag follows."""
        self._channel(request)
        self._consent(email, "UNSUBSCRIBED", None)
        self.opt_out(email)
        return json_response({"status": "COMPLETE", "results": [self._status(email)]})

    def _consent(self, email: str, status: str, basis: str | None) -> None:
        self.table("consent")[email.lower()] = {
            "status": status,
            "source": "API",
            "legalBasis": basis,
            "timestamp": iso(self.now()),
        }

    def opt_out(self, email: str) -> None:
        """The person behind an address wants no more mail; read as ``hs_email_optout``."""
        with self.lock:
            row = self.portal.resolve("contacts", email, "email")
            if row is not None:
                self.portal.write("contacts", {"hs_email_optout": "true"}, row["id"])
            self.tell()


def _field(name: str, label: str) -> Row:
    """One question of a form."""
    field: Row = {
        "objectTypeId": "0-1",
        "name": name,
        "label": label,
        "required": name == "email",
        "hidden": False,
        "fieldType": "email" if name == "email" else "single_line_text",
        "dependentFields": [],
    }
    if name == "email":
        field["validation"] = {"blockedEmailDomains": [], "useDefaultBlockList": False}
    return field
