"""Secrets that do not change go into their header, or are refused without being quoted."""

import pytest

from connectors.kit.auth import ApiKey, Auth, Basic, Bearer
from connectors.kit.errors import AuthFailed
from connectors.kit.session import Session, Wiring, in_process
from connectors.kit.simulator import BaseSimulator, Request, Response, json_response, route
from connectors.kit.tokens import MemoryTokens


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        pytest.param(Bearer("t-1\n"), "authorization", "Bearer t-1", id="bearer"),
        pytest.param(ApiKey("X-Api-Key", "k"), "x-api-key", "k", id="api key"),
        pytest.param(Basic("u", "p"), "authorization", "Basic dTpw", id="basic"),
    ],
)
def test_a_fixed_secret_goes_into_its_header(auth: Auth, header: str, value: str) -> None:
    seen: list[str] = []

    class Echo(BaseSimulator):
        @route("GET", "/")
        def root(self, request: Request) -> Response:
            seen.append(request.headers[header])
            return json_response({})

    wiring = Wiring("c", MemoryTokens(), transport=in_process(Echo()))
    wiring.session(base_url="https://v.example", auth=auth).get("/")
    assert seen == [value]


@pytest.mark.parametrize("secret", ["ｔｏｋｅｎ", "to\nken"])
def test_a_secret_that_no_header_can_carry_is_refused_without_quoting_it(secret: str) -> None:
    session = Session(connection="c", base_url="https://v.example", auth=Bearer(secret))
    with pytest.raises(AuthFailed, match="copy it again") as caught:
        session.get("/me")
    assert secret not in str(caught.value)
    assert caught.value.__cause__ is None
