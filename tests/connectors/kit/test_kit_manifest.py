"""Manifests: what is right is read, what is wrong names its file and key."""

from pathlib import Path

import pytest

from connectors.kit.base import Kind
from connectors.kit.manifest import ManifestBroken, load_manifest

GOOD = """
slug: hato
name: Hato CRM
name_ja: はと
roles: [ma, crm]
description: {en: "A CRM.", ja: "顧客管理"}
auth: {schemes: [bearer, oauth2_refresh]}
streams:
  contacts: {kind: lead, pull: true, push: true, deletes: true}
  answers: {kind: lead, pull: true, activity: form_submission}
webhooks: {style: hint}
index_lag: 60
quality: {tier: gold, exempt: {deletes: "It tells nobody."}}
unverified: ["The lag is from memory."]
"""


def write(path: Path, text: str) -> Path:
    file = path / "connector.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_manifest_is_read_whole(tmp_path: Path) -> None:
    manifest = load_manifest(write(tmp_path, GOOD))
    assert manifest.slug == "hato"
    assert manifest.roles == ("ma", "crm")
    assert manifest.streams["contacts"].kind is Kind.LEAD
    assert manifest.streams["answers"].activity == "form_submission"
    assert manifest.webhooks.style == "hint"
    assert manifest.quality.exempt == {"deletes": "It tells nobody."}
    assert manifest.index_lag == 60


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param("slug: hato", "slug: Hato-CRM", "slug: ", id="slug"),
        pytest.param("name: Hato CRM\n", "", "name: is missing", id="missing"),
        pytest.param("[ma, crm]", "[mail]", r"roles\.0: .*'form'", id="role"),
        pytest.param(
            "kind: lead, pull", "kind: person, pull", r"streams\.contacts\.kind", id="kind"
        ),
        pytest.param("push: true", "pusch: true", r'contacts\.pusch: .* "push"\?', id="typo"),
        pytest.param("style: hint", "style: full", r"webhooks\.style", id="style"),
        pytest.param("index_lag: 60", "index_lag: -1", "index_lag", id="lag"),
        pytest.param("tier: gold", "tier: wood", r"quality\.tier", id="tier"),
        pytest.param("form_submission", "poem", r"answers\.activity", id="activity"),
        pytest.param(
            "deletes: true}", "unknown_people: drop}", "is for activities", id="people get lost"
        ),
        pytest.param("[bearer, oauth2_refresh]", "[]", r"auth\.schemes", id="no scheme"),
        pytest.param("roles: [ma, crm]", "roles: [ma, crm", "line 6", id="no yaml"),
        pytest.param("index_lag: 60", "slug: again", 'line 1[0-9], .*"slug"', id="doubled"),
    ],
)
def test_what_is_wrong_names_file_and_key(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    file = write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(ManifestBroken, match=message) as caught:
        load_manifest(file)
    assert str(file) in str(caught.value)


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("tier: gold", "tier: wood").replace("style: hint", "style: full")
    with pytest.raises(ManifestBroken) as caught:
        load_manifest(write(tmp_path, text))
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just words\n"])
def test_a_file_that_holds_no_keys_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ManifestBroken):
        load_manifest(write(tmp_path, text))


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestBroken, match="cannot be read"):
        load_manifest(tmp_path / "connector.yaml")
    (tmp_path / "connector.yaml").write_bytes(b"\xff\xfe\x00name")
    with pytest.raises(ManifestBroken):
        load_manifest(tmp_path / "connector.yaml")
