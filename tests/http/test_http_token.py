"""Tokens: who gets one, what it says, and what is told to who gets none."""

import json
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from datetime import timedelta
from time import time
from typing import Any
from uuid import uuid4

import httpx
import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey
from serving import EXPIRED, FUTURE, GRANTS, OTHER, SCOPE, Fake, Hub, echo, exchange, serving_clients, wait_until

from hub.http.credentials import ASSERTION, BadRequest, Credentials, read_credentials
from hub.http.oauth import _Registry
from hub.http.token import Guesses
from hub.policy.client import register_client, set_client, set_keys
from hub.sealing import Keyring

PATH = "/oauth/token"
FORM = {"grant_type": "client_credentials", "scope": SCOPE}
TYPE = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def hub(database: Any, keyring: Keyring) -> Iterator[Hub]:
    with serving_clients(database, keyring) as running:
        yield running


@pytest.fixture
def fake(hub: Hub) -> Iterator[Fake]:
    hub.fake.asked.clear()
    yield hub.fake
    hub.fake.behavior = echo


@pytest.fixture(scope="module")
def client(hub: Hub) -> Iterator[httpx.Client]:
    with hub.client() as client:
        yield client


def refused(got: httpx.Response, status: int, error: str) -> str:
    """Checks a refusal in OAuth's shape; its description."""
    assert got.status_code == status, got.text
    assert got.headers["cache-control"] == "no-store"
    assert got.headers["content-type"] == "application/json"
    body = got.json()
    assert set(body) == {"error", "error_description"}
    assert body["error"] == error
    assert ("www-authenticate" in got.headers) == (status == 401)
    if status == 401:
        assert got.headers["www-authenticate"].startswith("Basic ")
    return str(body["error_description"])


def basic(hub: Hub, client_id: str = "office", secret: str | None = None) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{client_id}:{secret or hub.secret}".encode()).decode()}


def assertion(hub: Hub, *, key: Any = None, header: dict[str, Any] | None = None, **changed: Any) -> str:
    claims: dict[str, Any] = {
        "iss": "signer",
        "sub": "signer",
        "aud": f"{hub.url}{PATH}",
        "exp": int(time()) + 60,
        "jti": uuid4().hex,
    }
    claims = {name: value for name, value in (claims | changed).items() if value is not None}
    said = {"alg": "Ed25519"} | (header or {})
    return jwt.encode(said, claims, key or hub.key, registry=_Registry())


def asserted(signed: str, **more: str) -> dict[str, str]:
    return {**FORM, "client_assertion_type": ASSERTION, "client_assertion": signed, **more}


# --------------------------------------------------------------------------------------------------------------- issued


def test_a_token_says_one_client_and_one_grant_and_is_signed_by_the_published_key(
    hub: Hub, client: httpx.Client
) -> None:
    got = client.post(PATH, data=FORM, headers=basic(hub))
    assert got.status_code == 200
    assert got.headers["cache-control"] == "no-store"
    body = got.json()
    assert set(body) == {"access_token", "token_type", "expires_in", "scope"}
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 600, SCOPE)
    jwks = client.get("/.well-known/jwks.json").json()
    assert "d" not in jwks["keys"][0]
    token = jwt.decode(body["access_token"], KeySet.import_key_set(jwks), algorithms=["Ed25519"])
    assert token.header["typ"] == "at+jwt"
    assert token.header["kid"] == jwks["keys"][0]["kid"]
    said = token.claims
    assert said["iss"] == hub.url
    assert said["aud"] == f"{hub.url}/graphql"
    assert said["sub"] == said["client_id"] == "office"
    assert said["scope"] == SCOPE
    assert said["exp"] - said["iat"] == 600
    assert said["jti"]


def test_the_metadata_is_valid_and_says_what_is_so(hub: Hub, client: httpx.Client) -> None:
    said = client.get("/.well-known/oauth-authorization-server").json()
    checked = AuthorizationServerMetadata(said)
    checked.validate_response_types_supported()
    checked.validate_token_endpoint_auth_signing_alg_values_supported()
    assert said["issuer"] == hub.url
    assert said["token_endpoint"] == f"{hub.url}{PATH}"
    assert said["scopes_supported"] == sorted(GRANTS)
    assert "client_secret_post" not in said["token_endpoint_auth_methods_supported"]
    assert client.get(said["jwks_uri"]).status_code == 200


def test_a_client_signs_an_assertion_instead_of_sending_a_secret(hub: Hub, client: httpx.Client) -> None:
    for audience in (f"{hub.url}{PATH}", hub.url, [hub.url]):
        got = client.post(PATH, data=asserted(assertion(hub, aud=audience)))
        assert got.status_code == 200, got.text
    assert client.post(PATH, data=asserted(assertion(hub, header={"kid": "k1"}))).status_code == 200


def test_a_client_may_sign_with_any_algorithm_of_the_metadata(hub: Hub, client: httpx.Client, database: Any) -> None:
    keys = {
        "EdDSA": OKPKey.import_key(Ed25519PrivateKey.generate()),
        "ES256": ECKey.generate_key("P-256", private=True),
        "RS256": RSAKey.generate_key(2048, private=True),
    }
    with database.engine("writer").begin() as connection:
        register_client(connection, client_id="many", name="n", department="civil_affairs", scopes=[SCOPE])
        set_keys(connection, "many", {"keys": [key.as_dict(private=False) for key in keys.values()]})
    for algorithm, key in keys.items():
        signed = assertion(hub, key=key, header={"alg": algorithm}, iss="many", sub="many")
        assert client.post(PATH, data=asserted(signed)).status_code == 200


def test_an_access_token_is_recorded_before_it_is_given(hub: Hub, client: httpx.Client, database: Any) -> None:
    got = client.post(PATH, data=FORM, headers=basic(hub)).json()
    payload = got["access_token"].split(".")[1]
    leaves = database.execute("select leaf from audit_event where kind = 'token_issued' and client = 'office'")
    token_id = json.loads(urlsafe_b64decode(payload + "==="))["jti"]
    (leaf,) = [json.loads(one) for (one,) in leaves if json.loads(one)["details"]["token"] == token_id]
    assert leaf["grant"] == SCOPE
    assert leaf["details"]["method"] == "client_secret_basic"


def test_no_token_is_given_when_the_log_cannot_take_it(hub: Hub, client: httpx.Client, database: Any) -> None:
    database.execute("revoke insert on audit_event from hub_writer")
    try:
        got = client.post(PATH, data=FORM, headers=basic(hub))
        refused(got, 503, "temporarily_unavailable")
    finally:
        database.execute("grant insert on audit_event to hub_writer")
    assert client.post(PATH, data=FORM, headers=basic(hub)).status_code == 200


# --------------------------------------------------------------------------------------------------------------- scopes


def test_a_token_for_two_grants_is_not_given(hub: Hub, client: httpx.Client) -> None:
    got = client.post(PATH, data={**FORM, "scope": f"{SCOPE} {OTHER}"}, headers=basic(hub))
    assert "one at a time" in refused(got, 400, "invalid_scope")
    got = client.post(PATH, data={"grant_type": "client_credentials"}, headers=basic(hub))
    assert SCOPE in refused(got, 400, "invalid_scope")


@pytest.mark.parametrize(
    ("scope", "says"), [("tax/other", "does not hold"), (EXPIRED, "expired on 2020-12-31"), (FUTURE, "starts on")]
)
def test_a_grant_that_is_not_held_or_not_in_force_gives_no_token(
    hub: Hub, client: httpx.Client, scope: str, says: str
) -> None:
    assert says in refused(client.post(PATH, data={**FORM, "scope": scope}, headers=basic(hub)), 400, "invalid_scope")


# ------------------------------------------------------------------------------------------------------------- refusals


def test_an_unknown_client_a_wrong_secret_and_a_client_without_a_secret_are_told_the_same(
    hub: Hub, client: httpx.Client, database: Any
) -> None:
    answers = [
        client.post(PATH, data=FORM, headers=basic(hub, client_id, "wrong"))
        for client_id in ("office", "nobody", "signer", "no/such id")
    ]
    for got in answers:
        refused(got, 401, "invalid_client")
    assert len({got.content for got in answers}) == 1
    assert len({str(sorted(set(got.headers) - {"date", "x-request-id"})) for got in answers}) == 1
    refusals = database.execute("select client, leaf from audit_event where kind = 'token_refused'")
    assert {one for one, _ in refusals} >= {"office", "signer", None}
    assert not any(b"nobody" in leaf or b"no/such" in leaf for _, leaf in refusals)


def test_an_unknown_signer_a_wrong_key_and_a_client_without_keys_are_told_the_same(
    hub: Hub, client: httpx.Client
) -> None:
    stranger = OKPKey.import_key(Ed25519PrivateKey.generate())
    signed = [
        assertion(hub, key=stranger),
        assertion(hub, key=stranger, header={"kid": "k2"}),
        assertion(hub, key=stranger, iss="nobody", sub="nobody"),
        assertion(hub, key=stranger, iss="office", sub="office"),
        "a.b.c",
        assertion(hub)[:-4] + "AAAA",
    ]
    answers = [client.post(PATH, data=asserted(one)) for one in signed]
    for got in answers:
        refused(got, 401, "invalid_client")
    assert len({got.content for got in answers}) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"exp": 1},
        {"exp": 10**12},
        {"exp": 10**400},
        {"exp": -(10**400)},
        {"exp": timedelta(hours=1)},
        {"jti": None},
        {"jti": 7},
        {"jti": "a" * 300},
        {"jti": "\x00"},
        {"aud": None},
        {"aud": "https://another.example/token"},
        {"aud": {"a": 1}},
        {"aud": [[]]},
        {"iss": "office"},
        {"iss": ["signer"]},
        {"nbf": timedelta(hours=1)},
        {"nbf": "x"},
        {"iat": []},
    ],
    ids=lambda changed: f"{changed}"[:40],
)
def test_an_assertion_whose_claims_will_not_do_is_refused(
    hub: Hub, client: httpx.Client, changed: dict[str, Any]
) -> None:
    # Instants are counted from when the test runs: one taken while tests are collected differs from worker to worker.
    claims = {name: int(time() + said.total_seconds()) if isinstance(said, timedelta) else said
              for name, said in changed.items()}  # fmt: skip
    refused(client.post(PATH, data=asserted(assertion(hub, **claims))), 401, "invalid_client")


def test_an_assertion_serves_once(hub: Hub, client: httpx.Client) -> None:
    signed = assertion(hub)
    assert client.post(PATH, data=asserted(signed)).status_code == 200
    assert "used before" in refused(client.post(PATH, data=asserted(signed)), 401, "invalid_client")


def test_an_assertion_with_a_deep_or_broken_header_or_payload_is_refused(hub: Hub, client: httpx.Client) -> None:
    header = urlsafe_b64encode(b'{"alg":"Ed25519"}').decode().rstrip("=")
    deep = b'{"sub":"signer","a":' + b"[" * 20_000 + b"]" * 20_000 + b"}"
    for payload in (deep, b"[]", b"7", b"\xff", b"", b'{"sub":7}', b'{"sub":""}', b'{"sub":"\\u0000"}'):
        signed = f"{header}.{urlsafe_b64encode(payload).decode().rstrip('=')}.AAAA"
        refused(client.post(PATH, data=asserted(signed)), 401, "invalid_client")
    payload = urlsafe_b64encode(b'{"sub":"signer"}').decode().rstrip("=")
    nested = b'{"alg":"Ed25519","x":' + b"[" * 900 + b"]" * 900 + b"}"
    others = (b'{"alg":7}', b'{"alg":"none"}', b'{"alg":"HS256"}', b'{"alg":"Ed25519","crit":["b64"],"b64":false}')
    for raw in (b"{}", b"[]", *others, b'{"alg":"Ed25519","kid":[]}', b'{"alg":"Ed25519","jwk":7}', nested):
        signed = f"{urlsafe_b64encode(raw).decode().rstrip('=')}.{payload}.AAAA"
        refused(client.post(PATH, data=asserted(signed)), 401, "invalid_client")
    for signed in ("", "a", "a.b", "....", "é.é.é", "a" * 5000):
        got = client.post(PATH, data=asserted(signed))
        assert got.status_code in {400, 401}


@pytest.mark.parametrize(
    "header",
    [
        b"Basic " + b64encode(b"\xff\xfe:\x80"),
        b"Basic " + b64encode(b"nocolon"),
        b"Basic " + b64encode(b":secret"),
        b"Basic " + b64encode(b"office:"),
        b"Basic " + b64encode(b"%ff:%ff"),
        b"Basic " + b64encode(b"\x00:\x00"),
        b"Basic not base64!",
        b"Basic",
        b"Bearer abc",
        b"\xff\xfe",
    ],
)
def test_a_basic_header_of_anything_but_text_is_401(hub: Hub, client: httpx.Client, header: bytes) -> None:
    refused(client.post(PATH, data=FORM, headers={"Authorization": header}), 401, "invalid_client")


def test_no_authentication_is_401(client: httpx.Client) -> None:
    refused(client.post(PATH, data=FORM), 401, "invalid_client")


def test_a_secret_in_the_form_is_not_taken(hub: Hub, client: httpx.Client) -> None:
    form = {**FORM, "client_id": "office", "client_secret": hub.secret}
    refused(client.post(PATH, data=form), 401, "invalid_client")


def test_two_authentications_at_once_are_refused(hub: Hub, client: httpx.Client) -> None:
    both = [
        (asserted(assertion(hub)), basic(hub)),
        ({**FORM, "client_secret": hub.secret}, basic(hub)),
        ({**asserted(assertion(hub)), "client_secret": "x"}, {}),
        ({**FORM, "client_id": "other"}, basic(hub)),
        ({**FORM, "client_assertion_type": ASSERTION}, {}),
        ({**FORM, "client_assertion": "a.b.c"}, {}),
    ]
    for form, headers in both:
        refused(client.post(PATH, data=form, headers=headers), 400, "invalid_request")
    twice = [("Authorization", basic(hub)["Authorization"])] * 2
    refused(client.post(PATH, data=FORM, headers=twice), 400, "invalid_request")


@pytest.mark.parametrize(
    "body",
    [
        f"grant_type=client_credentials&grant_type=client_credentials&scope={SCOPE}",
        f"grant_type=client_credentials&scope={SCOPE}&scope={OTHER}",
        f"grant_type=client_credentials&scope={SCOPE}&x=1&x=1",
        f"scope={SCOPE}",
        "grant_type=",
        "",
        "grant_type=%FF",
        "\xff",
        "&".join(f"a{n}=1" for n in range(99)),
    ],
)
def test_a_form_that_says_a_thing_twice_or_nothing_is_400(hub: Hub, client: httpx.Client, body: str) -> None:
    headers = basic(hub) | TYPE
    refused(client.post(PATH, content=body.encode("latin-1"), headers=headers), 400, "invalid_request")


def test_parameters_in_the_url_are_refused(hub: Hub, client: httpx.Client) -> None:
    for query in ("?grant_type=client_credentials", "?client_secret=x", "?a"):
        refused(client.post(PATH + query, data=FORM, headers=basic(hub)), 400, "invalid_request")
    refused(client.get(f"{PATH}?grant_type=client_credentials", headers=basic(hub)), 405, "invalid_request")


def test_another_grant_type_is_refused_without_repeating_it(hub: Hub, client: httpx.Client) -> None:
    for grant_type in ("password", "authorization_code", "refresh_token", '"\\\x00é'):
        got = client.post(PATH, data={**FORM, "grant_type": grant_type}, headers=basic(hub))
        assert grant_type not in refused(got, 400, "unsupported_grant_type")


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data; boundary=a", ""])
def test_another_content_type_is_refused_in_the_shape_of_oauth(
    hub: Hub, client: httpx.Client, content_type: str
) -> None:
    got = client.post(PATH, content=json.dumps(FORM), headers={**basic(hub), "Content-Type": content_type})
    refused(got, 400, "invalid_request")
    got = client.post(PATH, data=FORM, headers={**basic(hub), "Content-Encoding": "gzip"})
    refused(got, 400, "invalid_request")


def test_a_large_form_is_refused(hub: Hub, client: httpx.Client) -> None:
    got = client.post(PATH, data={**FORM, "x": "a" * 70_000}, headers=basic(hub))
    refused(got, 413, "invalid_request")


def test_a_form_that_does_not_come_is_408(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.http.token.SECONDS", 0.2)
    head = b"POST /oauth/token HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    with hub.raw() as sock:
        status, headers, said = exchange(sock, head + b"Content-Length: 9\r\n\r\n")
    assert (status, headers["connection"], json.loads(said)["error"]) == (408, "close", "invalid_request")


def test_who_guesses_is_slowed_down_and_the_client_elsewhere_is_not(hub: Hub, client: httpx.Client) -> None:
    for _ in range(10):
        refused(client.post(PATH, data=FORM, headers=basic(hub, "guessed", "wrong")), 401, "invalid_client")
    got = client.post(PATH, data=FORM, headers=basic(hub, "guessed", "wrong"))
    refused(got, 429, "temporarily_unavailable")
    assert 0 < int(got.headers["retry-after"]) <= 60
    assert client.post(PATH, data=FORM, headers=basic(hub)).status_code == 200


def test_guesses_are_counted_within_bounds() -> None:
    guesses = Guesses(window=60, most=3)
    for name in ("a", "b", "c", "d", "a"):
        guesses.note((name,))
    assert len(guesses._failed) == 3
    assert guesses.wait(("a",), 1) > 0
    assert guesses.wait(("a",), 2) == 0
    guesses.forget(("a",))
    assert guesses.wait(("a",), 1) == 0
    past = Guesses(window=0)
    past.note(("a",))
    assert past.wait(("a",), 1) == 0


FORMS = st.dictionaries(
    st.sampled_from(["grant_type", "scope", "client_id", "client_secret", "client_assertion", "client_assertion_type"]),
    st.sampled_from(["client_credentials", SCOPE, ASSERTION, "a.b.c"]) | st.text(max_size=10),
)


@given(form=FORMS, headers=st.lists(st.binary(max_size=20), max_size=2))
def test_reading_credentials_ends_in_credentials_or_in_a_refusal(form: dict[str, str], headers: list[bytes]) -> None:
    try:
        assert isinstance(read_credentials(form, headers), Credentials)
    except BadRequest as error:
        refusal = error
    else:
        return
    assert refusal.status in {400, 401}
    assert refusal.says.isascii()


@given(
    body=st.binary(max_size=80) | FORMS.map(lambda form: httpx.QueryParams(form).__str__().encode()),
    authorization=st.binary(max_size=30).map(lambda raw: b"Basic " + b64encode(raw)),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_is_sent_for_a_token_gives_a_5xx_and_the_connection_stays(
    hub: Hub, body: bytes, authorization: bytes
) -> None:
    head = (
        b"POST /oauth/token HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        b"Authorization: " + authorization + b"\r\nContent-Length: %d\r\n\r\n" % len(body)
    )
    with hub.raw() as sock:
        status, _, said = exchange(sock, head + body)
        assert status in {400, 401, 429}
        assert set(json.loads(said)) == {"error", "error_description"}
        assert exchange(sock, b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")[0] == 200


# --------------------------------------------------------------------------------------------------------------- bearer


def asks(client: httpx.Client, token: str | None) -> httpx.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return client.post("/graphql", json={"query": "{ a }"}, headers=headers)


def test_no_token_is_401_without_an_error_code(client: httpx.Client, fake: Fake) -> None:
    got = asks(client, None)
    assert (got.status_code, got.headers["www-authenticate"]) == (401, 'Bearer realm="hub"')
    assert got.json()["errors"][0]["extensions"]["code"] == "ACCESS_TOKEN_MISSING"


def test_the_answerer_learns_who_asks(hub: Hub, client: httpx.Client, fake: Fake) -> None:
    assert asks(client, hub.token()).status_code == 200
    ((_, caller),) = fake.asked
    assert (caller.client_id, caller.scope, caller.address) == ("office", SCOPE, "127.0.0.1")
    assert caller.token_id


def test_a_token_that_this_hub_did_not_give_is_401(
    hub: Hub, client: httpx.Client, fake: Fake, keyring: Keyring
) -> None:
    own = OKPKey.import_key(keyring.token_signer)
    stranger = OKPKey.import_key(Ed25519PrivateKey.generate())
    now = int(time())
    good = {
        "iss": hub.url, "aud": f"{hub.url}/graphql", "sub": "office", "client_id": "office",
        "iat": now, "exp": now + 60, "jti": "j", "scope": SCOPE,
    }  # fmt: skip
    header = {"alg": "Ed25519", "typ": "at+jwt"}

    def signed(key: Any = own, typ: str = "at+jwt", **changed: Any) -> str:
        said = {name: value for name, value in {**good, **changed}.items() if value is not None}
        return jwt.encode({**header, "typ": typ}, said, key, algorithms=["Ed25519"])

    assert asks(client, signed()).status_code == 200
    bad = [
        signed(stranger), signed(typ="JWT"), signed(iss="https://a"), signed(aud=hub.url), signed(exp=now - 1),
        signed(exp=None), signed(exp="x"), signed(exp=True), signed(iat=now + 600), signed(scope=None),
        signed(scope=[SCOPE]), signed(client_id=None), signed(jti=None), signed(scope="tax/other"),
        signed(client_id="nobody"), signed()[:-3] + "AAA", "a", "a.b.c", "a" * 5000,
    ]  # fmt: skip
    fake.asked.clear()
    for token in bad:
        got = asks(client, token)
        assert got.status_code == 401, token
        assert got.headers["www-authenticate"] == 'Bearer realm="hub", error="invalid_token"'
        assert got.json()["errors"][0]["extensions"]["code"].startswith("ACCESS_")
    assert not fake.asked


def test_a_client_that_is_shut_out_is_answered_no_longer(
    hub: Hub, client: httpx.Client, fake: Fake, database: Any
) -> None:
    with database.engine("writer").begin() as connection:
        secret = register_client(
            connection, client_id="leaving", name="n", department="civil_affairs", scopes=[SCOPE, OTHER]
        )
    first, second = (
        client.post(PATH, data={**FORM, "scope": scope}, headers=basic(hub, "leaving", secret)).json()["access_token"]
        for scope in (SCOPE, OTHER)
    )
    assert asks(client, first).status_code == 200
    with database.engine("writer").begin() as connection:
        set_client(connection, "leaving", scopes=[OTHER])
    wait_until(lambda: asks(client, first).status_code == 401)
    assert asks(client, second).status_code == 200
    with database.engine("writer").begin() as connection:
        set_client(connection, "leaving", enabled=False)
    wait_until(lambda: asks(client, second).status_code == 401)
    refused(client.post(PATH, data=FORM, headers=basic(hub, "leaving", secret)), 401, "invalid_client")
