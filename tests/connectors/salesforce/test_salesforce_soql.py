"""The simulator's SOQL: what it reads, what it refuses, and in Salesforce's words."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from connectors.salesforce.simulator import Simulator
from connectors.salesforce.simulator_soql import (
    Both,
    Compare,
    Literal,
    Not,
    Order,
    SoqlError,
    parse,
)


def found(api: httpx.Client, soql: str, path: str = "/query") -> list[dict[str, Any]]:
    reply = api.get(path, params={"q": soql})
    assert reply.status_code == 200, reply.text
    rows: list[dict[str, Any]] = reply.json()["records"]
    return rows


def names(api: httpx.Client, where: str) -> list[str]:
    rows = found(api, f"SELECT LastName FROM Lead WHERE {where} ORDER BY LastName")
    return [row["LastName"] for row in rows]


def test_a_query_is_read_into_its_parts() -> None:
    query = parse(
        "select Id, Account.Name from Contact where (Email = 'a\\'b' or IsDeleted = TRUE) and "
        "not CreatedDate < 2026-05-14T18:51:02+09:00 "
        "order by Name desc nulls last, Id limit 5 offset 2"
    )
    assert query.fields == ("Id", "Account.Name")
    assert (query.object, query.limit, query.offset) == ("Contact", 5, 2)
    assert query.order == (Order("Name", descending=True, nulls_last=True), Order("Id"))
    assert query.where == Both(
        (
            Both(
                (
                    Compare("Email", "=", (Literal("string", "a'b"),)),
                    Compare("IsDeleted", "=", (Literal("boolean", True),)),
                ),
                every=False,
            ),
            Not(Compare("CreatedDate", "<", (Literal("moment", "2026-05-14T09:51:02.000+0000"),))),
        ),
        every=True,
    )


@pytest.mark.parametrize(
    ("soql", "token"),
    [
        ("SELECT Id FORM Lead", "'FORM'"),
        ("SELECT FROM Lead", "'from'"),
        ("SELECT Id FROM Lead WHERE", "'<EOF>'"),
        ("SELECT Id FROM Lead LIMIT", "'<EOF>'"),
        ("SELECT Id FROM Lead WHERE Email = x", "'x'"),
        ("SELECT Id FROM Lead WHERE Email = 'a' AND Id = null OR Id = null", "'or'"),
        ('SELECT Id FROM Lead WHERE Email = "a"', "'\"'"),
        ("SELECT Id FROM Lead WHERE Id IN ()", "')'"),
        ("", "'<EOF>'"),
    ],
)
def test_what_is_no_soql_is_malformed(soql: str, token: str) -> None:
    with pytest.raises(SoqlError, match=r"unexpected token") as caught:
        parse(soql)
    assert caught.value.code == "MALFORMED_QUERY"
    assert token in caught.value.message


def test_conditions_choose_rows(org: Simulator, api: httpx.Client) -> None:
    org.add_lead(LastName="青木", Email="aoki@a.example", Rating="Hot")
    org.add_lead(LastName="井上", Rating="Cold", DoNotCall=True)
    org.add_lead(LastName="上田", Email="UEDA@b.example")
    assert names(api, "Email = 'ueda@B.example'") == ["上田"]
    assert names(api, "Email = null") == ["井上"]
    assert names(api, "Rating != 'Hot'") == ["上田", "井上"]
    assert names(api, "Email LIKE '%@_.example'") == ["上田", "青木"]
    assert names(api, "Rating IN ('Hot', 'cold')") == ["井上", "青木"]
    assert names(api, "Rating NOT IN ('Hot', 'Cold')") == ["上田"]
    assert names(api, "DoNotCall = true") == ["井上"]
    assert names(api, "NOT (DoNotCall = true OR Rating = 'Hot')") == ["上田"]
    assert names(api, "(Rating = 'Hot' OR Rating = 'Cold') AND DoNotCall = false") == ["青木"]
    assert names(api, "SystemModstamp < 2000-01-01T00:00:00Z") == []


def test_order_puts_empty_values_first_unless_told(org: Simulator, api: httpx.Client) -> None:
    for rating in ("Hot", None, "Cold"):
        org.add_lead(Rating=rating)

    def order(by: str) -> list[str | None]:
        return [r["Rating"] for r in found(api, f"SELECT Rating FROM Lead ORDER BY Rating {by}")]

    assert order("ASC") == [None, "Cold", "Hot"]
    assert order("ASC NULLS LAST") == ["Cold", "Hot", None]
    assert order("DESC NULLS LAST") == ["Hot", "Cold", None]


def test_related_fields_are_nested_and_null_where_nothing_is_related(
    org: Simulator, api: httpx.Client
) -> None:
    account = org.add_account("株式会社青空製作所")
    org.add_contact(account, LastName="小林")
    org.add_contact(LastName="佐々木")
    rows = found(
        api, "SELECT LastName, Account.Name, Account.Owner.Email FROM Contact ORDER BY LastName"
    )
    kobayashi = next(row for row in rows if row["LastName"] == "小林")
    assert kobayashi["Account"]["Name"] == "株式会社青空製作所"
    assert kobayashi["Account"]["attributes"]["type"] == "Account"
    assert kobayashi["Account"]["Owner"]["Email"] == "renkei@example.co.jp"
    assert next(row for row in rows if row["LastName"] == "佐々木")["Account"] is None


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Nope__c FROM Lead", "INVALID_FIELD"),
        ("SELECT Id FROM Lead ORDER BY Nope", "INVALID_FIELD"),
        ("SELECT Id, Boss.Name FROM Lead", "INVALID_FIELD"),
        ("SELECT Id, id FROM Lead", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE SystemModstamp > '2026-01-01T00:00:00Z'", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE Email = 3", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE Description = 'x'", "INVALID_FIELD"),
        ("SELECT Id FROM Leads", "INVALID_TYPE"),
        ("SELECT Id FROM Lead WHERE Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Lead LIMIT 1 OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE"),
    ],
)
def test_a_query_the_org_cannot_answer_is_refused(api: httpx.Client, soql: str, code: str) -> None:
    reply = api.get("/query", params={"q": soql})
    assert reply.status_code == 400
    assert [error["errorCode"] for error in reply.json()] == [code]


def test_a_hidden_field_is_as_one_that_is_not_there(org: Simulator, api: httpx.Client) -> None:
    org.schema.hide_field("Lead", "Phone")
    reply = api.get("/query", params={"q": "SELECT Phone FROM Lead"})
    assert reply.json()[0]["errorCode"] == "INVALID_FIELD"
    described = api.get("/sobjects/Lead/describe").json()
    assert "Phone" not in {field["name"] for field in described["fields"]}


def test_count_is_a_number_without_rows(org: Simulator, api: httpx.Client) -> None:
    org.add_lead()
    org.delete("Lead", org.add_lead())
    body = api.get("/query", params={"q": "SELECT COUNT() FROM Lead"}).json()
    assert body == {"totalSize": 1, "done": True, "records": []}


def test_only_query_all_sees_the_recycle_bin(org: Simulator, api: httpx.Client) -> None:
    gone = org.add_lead()
    org.delete("Lead", gone)
    soql = "SELECT Id, IsDeleted FROM Lead"
    assert found(api, soql) == []
    assert [(r["Id"], r["IsDeleted"]) for r in found(api, soql, "/queryAll")] == [(gone, True)]


def test_pages_follow_their_locator_until_it_is_forgotten(
    org: Simulator, api: httpx.Client
) -> None:
    planted = {org.add_lead() for _ in range(450)}
    small = {"sforce-query-options": "batchSize=200"}
    url: str | None = "/query?q=SELECT Id FROM Lead"
    seen: list[str] = []
    sizes: list[int] = []
    while url:
        body = api.get(url, headers=small).json()
        sizes.append(len(body["records"]))
        seen += [row["Id"] for row in body["records"]]
        url = body.get("nextRecordsUrl")
        url = url.removeprefix("/services/data/v62.0") if url else None
        assert body["totalSize"] == 450
    assert sizes == [200, 200, 50]
    assert set(seen) == planted
    first = api.get("/query?q=SELECT Id FROM Lead", headers=small).json()["nextRecordsUrl"]
    for _ in range(10):
        api.get("/query?q=SELECT Id FROM Lead", headers=small)
    reply = api.get(first.removeprefix("/services/data/v62.0"))
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")


def test_a_batch_size_below_200_is_taken_for_200(org: Simulator, api: httpx.Client) -> None:
    for _ in range(201):
        org.add_lead()
    tiny = {"sforce-query-options": "batchSize=1"}
    body = api.get("/query?q=SELECT Id FROM Lead", headers=tiny).json()
    assert len(body["records"]) == 200
