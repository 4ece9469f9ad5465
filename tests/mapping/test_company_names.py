"""Company names: legal forms however they are written, branches, several names in a cell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.normalise import company_cell
from mapping.normalise.company import (
    _first,
    clean,
    company_key,
    company_names,
    former_names,
    look_alike,
)
from mapping.normalise.legal_forms import level


def _written(table: str) -> list[str]:
    """The ways of writing a name in a table of them, {} for the name."""
    return [way for line in table.split("\n") for way in line.strip(" |").split(" | ") if way]


SAME = [
    "株式会社ひばり精機",
    "ひばり精機株式会社",
    "株式会社 ひばり精機",
    "株式会社　ひばり精機",
    "株 式 会 社 ひばり精機",
    "㈱ひばり精機",
    "ひばり精機㈱",
    "㍿ひばり精機",
    "(株)ひばり精機",
    "（株）ひばり精機",
    "ひばり精機（株）",
    "[株]ひばり精機",
    "株)ひばり精機",
    "ひばり精機(株",
    "カ)ひばり精機",
    "ｶ)ひばり精機",
    "ひばり精機(カ",
    "(ｶ)ひばり精機",
    "カブシキガイシャひばり精機",
    "株式會社ひばり精機",
    "ひばり精機",
    "ひばり・精機",
    "ひばり精機 Co., Ltd.",
    "ひばり精機株式会社 御中",
    "ひばり精機株式会社 名古屋支店",
    "ひばり精機㈱名古屋営業所",
    "ひばり精機株式会社(本社)",
    "有限会社ひばり精機",
]


@pytest.mark.parametrize("raw", SAME)
def test_a_legal_form_is_stripped_however_it_is_written(raw: str) -> None:
    assert company_key(raw) == "ひばり精機"


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("Hibari Seiki Co., Ltd.", "hibariseiki"),
        ("HIBARI SEIKI CO.,LTD.", "hibariseiki"),
        ("Hibari Seiki CO LTD", "hibariseiki"),
        ("Hibari Seiki K.K.", "hibariseiki"),
        ("K.K. Hibari Seiki", "hibariseiki"),
        ("KK Hibari Seiki", "hibariseiki"),
        ("Hibari Seiki Kabushiki Kaisha", "hibariseiki"),
        ("Hibari Seiki G.K.", "hibariseiki"),
        ("Hibari Seiki, Inc.", "hibariseiki"),
        ("Hibari Seiki Corporation", "hibariseiki"),
        ("Hibari Seiki LLC", "hibariseiki"),
        ("Ｈｉｂａｒｉ　Ｓｅｉｋｉ", "hibariseiki"),
        ("Lerche Maschinen GmbH", "lerchemaschinen"),
        ("Lerche AG", "lerche"),
        ("Inca Foods", "incafoods"),
        ("Costco", "costco"),
        ("Limited", "limited"),
        ("日本株式会社研究所", "日本株式会社研究所"),
        ("株式会社ひばり精機販売", "ひばり精機販売"),
        ("澤村電機㈱", "沢村電機"),
        ("沢村電機株式会社", "沢村電機"),
        ("キャノピー工業㈱", "キヤノピー工業"),
        ("サ－ビスネット㈱", "サービスネツト"),
        ("株式会社セブン‐ハーツ", "セブンハーツ"),
        ("一般社団法人ひばり会", "ひばり会"),
        ("特定非営利活動法人ひばり会", "ひばり会"),
        ("医療法人社団ひばり会", "ひばり会"),
        ("学校法人ひばり学園", "ひばり学園"),
        ("合同会社hibari.io", "hibariio"),
        ("Ａ＆Ｂ株式会社", "a&b"),
        ("株式会社", None),
        ("(株)", None),
        ("---", None),
        ("", None),
    ],
)
def test_a_key_keeps_what_distinguishes_a_company(raw: str, key: str | None) -> None:
    assert company_key(raw) == key


def test_sister_companies_have_keys_of_their_own() -> None:
    assert company_key("北嶺電機株式会社") != company_key("北嶺電機販売株式会社")


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("㈱ひばり精機", "㈱ひばり精機"),
        ("株式会社　ひばり精機 御中", "株式会社 ひばり精機"),
        ("ﾋﾊﾞﾘ精機（株）", "ヒバリ精機(株)"),
        ("Ｈｉｂａｒｉ", "Hibari"),
        ("髙嶋商店", "髙嶋商店"),
        ("  ", None),
    ],
)
def test_a_name_for_display_keeps_its_letters(raw: str, shown: str | None) -> None:
    assert clean(raw) == shown


@pytest.mark.parametrize(
    "written",
    _written(
        """
㈲{} | ㊑{} | {}㍿ | ㏍{} | ㈳{} | {}㈶ | ㈻{} | ㈿{} | (同){} | （合）{} | (資){} | (名){} |
(医){} | （医社）{} | (一社){} | （公財）{} | (特非){} | （社福）{} | (学){} | (独){} |
(国研){} | (NPO){} | （宗）{} | (協){} | 【株】{} | 〔株〕{} | <株>{} | 《株》{} | ｛株｝{} |
「株」{} | ( 株 ) {} | {}( 株 ) | (株{} | {}株) | (株） {} | {}　（株) | カ)　{} | {} （カ |
ﾕ){} | (ﾕ){} | {}(ﾄﾞ | ド）{} | メ）{} | シ）{} | ソ）{} | イ）{} | ｲ){} | ザイ）{} | シヤ）{} |
シャ）{} | シユウ）{} | シュウ）{} | ガク）{} | フク）{} | トクヒ）{} | ドク）{} | ベン）{} |
ゼイ）{} | ギヨ）{} | シホウ）{} | ノウ）{} | カンリ）{} | ロウム）{} | 株式会社／{} |
株式会社・{} | 特例有限会社{} | 合資会社{} | {}合名会社 | {}相互会社 | 株式会祉{} | 株式會社{} |
{}株式會社 | ｶﾌﾞｼｷｶﾞｲｼｬ{} | カブシキガイシヤ {} | かぶしきがいしゃ{} | ゴウドウガイシャ {} |
ゆうげんがいしゃ{} | 公益社団法人{} | 一般 財団法人 {} | 医療法人財団{} | 特定医療法人{} |
社会医療法人{} | 社会福祉法人　{} | ＮＰＯ法人 {} | 認定ＮＰＯ法人{} |
認定特定非営利活動法人{} | 国立大学法人{} | 地方独立行政法人{} | 国立研究開発法人{} |
{}税理士法人 | 弁護士法人{} | 社会保険労務士法人{} | 有限責任監査法人{} | 有限責任 {}監査法人 |
協同組合{} | 企業組合{} | {}投資法人 | {}有限責任事業組合 | {} Co., Ltd. | {} K.K. | {}Inc. |
{} ＩＮＣ． | 株式会社{} Co.,Ltd.
"""
    ),
)
def test_every_form_comes_off_at_either_end(written: str) -> None:
    assert company_key(written.format("つぐみ精工")) == "つぐみ精工"


@pytest.mark.parametrize(
    "written",
    _written(
        """
{} Co.,Ltd | {} CO.LTD | {} Co Ltd | {}Co.,Ltd. | {} Co．、Ltd． | {} Co,.Ltd. |
{} Ｃｏ．，Ｌｔｄ． | {} Company Limited | {} K. K. | K.K.{} | Kabushiki Kaisha {} |
{} Kabushiki-gaisha | {} Godo Kaisha | {} Y.K. | {} Incorporated | {} L.L.C. | {} LLP | {} LP |
{} & Co., Inc. | {} GmbH & Co. KG | {} mbH | {} OHG | {} e.V. | {} UG (haftungsbeschränkt) |
{} SE | {} S.A.S. | {} SARL | {} S.à r.l. | {} S.p.A. | {} S.r.l. | {} S.L. | {} S.A. de C.V. |
{} S. de R.L. de C.V. | {} Ltda. | {} B.V. | {} N.V. | {} A/S | {} ApS | {} AB (publ) | {} Oyj |
{} Sp. z o.o. | {} s.r.o. | {} d.o.o. | {} Kft. | {} A.Ş. | {} OÜ | {} Pty. Ltd. |
{} Pty Limited | {} Pte. Ltd. | {} Pvt. Ltd. | {} (P) Ltd | {} Sdn. Bhd. | PT {} Tbk | PT. {} |
{} JSC | {} Joint Stock Company | Công ty TNHH {} | Công ty Cổ phần {} | {} P.L.C. |
{} Public Company Limited | {} PCL | {} FZ-LLC | {} W.L.L. | {} PLLC | 株式会社{} |
{} Co., Ltd. Osaka Branch | {} Co., Ltd., Tokyo Office | {} Inc. (Japan Branch) |
{} KK - Tokyo HQ
"""
    ),
)
def test_forms_of_other_countries_come_off_too(written: str) -> None:
    assert company_key(written.format("Tsugumi Seiko")) == "tsugumiseiko"


@pytest.mark.parametrize(
    "written",
    _written(
        """
{}株式会社名古屋支店 | {}株式会社 本社営業部 | {}㈱　営業部 | {}株式会社 情報システム部 第一課 |
{}株式会社 関東支社 営業第二グループ | 株式会社{} 大阪営業所 | 株式会社{}大阪支店 |
㈱{} 東大阪支店 | {}㈱　北九州工場 | {} 東京都営業所 | 医療法人社団{} 沼津支部 | (学){} 大津本部 |
株式会社{}（大阪） | ㈱{}/大阪支店 | ㈱{}・大阪支店 | {}（株）大阪工場 | (カ){} ナゴヤシテン |
{}（カ）ナゴヤシテン | 株式会社{} 横浜センター | 株式会社{} 東京ショールーム |
株式会社{} 人事部 御中 | 株式会社{} 総務ご担当者様 | 株式会社{} 殿 | {}㈱各位 | {}(株)さま |
{}㈱ 総務課 御中 | {}株式会社 経理部宛 | {}㈱【取引先】 | (仮称){} | {} 本店 |
つばめ商事（現・{}㈱） | つばめ商事株式会社 現社名:{}
"""
    ),
)
def test_a_branch_a_department_and_an_addressee_are_no_part_of_a_name(written: str) -> None:
    assert company_key(written.format("つぐみ精工")) == "つぐみ精工"


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        pytest.param("日本株式会社研究所㈱", "日本株式会社研究所", id="a form inside"),
        pytest.param("有限会社研究会", "研究会", id="a form in front"),
        pytest.param("つぐみ農業協同組合", "つぐみ農業協同組合", id="JA is what it is"),
        pytest.param("つぐみ健康保険組合", "つぐみ健康保険組合", id="an insurer"),
        pytest.param("東京支店株式会社", "東京支店", id="nothing but a branch"),
        pytest.param("株式会社 青山本店", "青山本店", id="a shop"),
        pytest.param("旧軽井沢ホテル", "旧軽井沢ホテル", id="old as a part"),
        pytest.param("現代つぐみ㈱", "現代つぐみ", id="present as a part"),
        pytest.param("つぐみ 現代事業部", "つぐみ", id="and of a department"),
        pytest.param("つぐみホールディングス㈱", "つぐみホールデイングス", id="holdings"),
        pytest.param("Tsugumi Holdings, Inc.", "tsugumiholdings", id="holdings abroad"),
        pytest.param("Tsugumi Group", "tsugumigroup", id="a group"),
        pytest.param("Tsugumi (Thailand) Co., Ltd.", "tsugumithailand", id="a country"),
        pytest.param("日本SE株式会社", "日本se", id="letters of a form"),
        pytest.param("つぐみ SE", "つぐみse", id="letters of a form behind Japanese"),
        pytest.param("株式会社AG", "ag", id="a form as a name"),
        pytest.param("SAS", "sas", id="nothing but a form"),
        pytest.param("Cocolo", "cocolo", id="begins as a form"),
        pytest.param("KKベストつぐみ", "kkベストつぐみ", id="KK without a space"),
        pytest.param("GK Tsugumi K.K.", "gktsugumi", id="one form, at the end"),
        pytest.param("株式会社GK Tsugumi", "gktsugumi", id="one form, in front"),
        pytest.param("A/B商会", "ab商会", id="a stroke inside"),
        pytest.param("ｻ-ﾋﾞｽつぐみ", "サービスつぐみ", id="a hyphen for a long vowel"),
        pytest.param("Café Zoë S.A.", "cafezoe", id="accents"),
        pytest.param("佐々木＆つぐみ", "佐佐木&つぐみ", id="repeated and full width"),
        pytest.param("個人", None, id="no company"),
        pytest.param("N/A", None, id="no answer"),
        pytest.param("なし（個人）", None, id="none in brackets"),
    ],
)
def test_what_looks_like_a_form_or_a_branch_stays_where_it_is_a_name(
    raw: str, key: str | None
) -> None:
    assert company_key(raw) == key


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ("北嶺電機株式会社 (Hokurei Electric Co., Ltd.)", ("北嶺電機", "hokureielectric")),
        ("Hokurei Electric Co., Ltd.（北嶺電機株式会社）", ("hokureielectric", "北嶺電機")),
        ("Hokurei Electric / 北嶺電機", ("hokureielectric", "北嶺電機")),
        ("北嶺電機/Hokurei Electric", ("北嶺電機", "hokureielectric")),
        ("北嶺電機株式会社 Hokurei Electric Co., Ltd.", ("北嶺電機", "hokureielectric")),
        ("北嶺電機\nHokurei Electric", ("北嶺電機", "hokureielectric")),
        ("北嶺電機㈱（ホクレイデンキ）", ("北嶺電機", "ホクレイデンキ")),
        ("北嶺電機㈱／つぐみ㈱", ("北嶺電機", "つぐみ")),
        ("北嶺電機株式会社、つぐみ有限会社", ("北嶺電機", "つぐみ")),
        ("北嶺電機㈱ / Hokurei Electric / 本社", ("北嶺電機", "hokureielectric")),
        ("北嶺電機㈱（本社）", ("北嶺電機",)),
        ("北嶺電機㈱（大阪）", ("北嶺電機",)),
        ("北嶺電機㈱（旧つぐみ㈱）", ("北嶺電機",)),
        ("北嶺電機㈱（東証プライム）", ("北嶺電機",)),
        ("北嶺/つぐみ共同企業体", ("北嶺つぐみ共同企業体",)),
        ("なし", ()),
    ],
)
def test_a_cell_with_several_names_gives_a_key_of_each(cell: str, names: tuple[str, ...]) -> None:
    assert company_names(cell) == names


@pytest.mark.parametrize(
    ("cell", "former"),
    [
        ("北嶺電機株式会社（旧つぐみ商事株式会社）", ("つぐみ商事",)),
        ("北嶺電機(旧社名：つぐみ商事㈱)", ("つぐみ商事",)),
        ("北嶺電機（旧：つぐみ商事、旧：ひばり㈱）", ("つぐみ商事", "ひばり")),
        ("北嶺電機株式会社　旧・つぐみ商事", ("つぐみ商事",)),
        ("北嶺電機㈱ ※旧つぐみ商事㈱", ("つぐみ商事",)),
        ("北嶺電機（株）旧つぐみ（株）", ("つぐみ",)),
        ("北嶺電機㈱(2024年4月につぐみ商事株式会社から社名変更)", ("つぐみ商事",)),
        ("つぐみ商事（現 北嶺電機株式会社）", ("つぐみ商事",)),
        ("Hokurei Inc. (formerly known as Tsugumi Ltd.)", ("tsugumi",)),
        ("Hokurei, formerly Tsugumi K.K.", ("tsugumi",)),
        ("Hokurei Inc. f/k/a Tsugumi Ltd", ("tsugumi",)),
        ("北嶺電機（旧本社）", ()),
        ("旧つぐみ商事", ()),
        ("Former Glory Inc.", ()),
        ("北嶺電機㈱", ()),
    ],
)
def test_a_former_name_is_told_apart_from_the_present_one(
    cell: str, former: tuple[str, ...]
) -> None:
    assert former_names(cell) == former
    assert not set(former) & set(company_names(cell))


@pytest.mark.parametrize(
    ("ours", "theirs", "sisters"),
    [
        ("北嶺電機", "北嶺電機販売", True),
        ("北嶺電機販売", "北嶺電機サービス", True),
        ("北嶺電機ホールディングス", "北嶺電機", True),
        ("東日本北嶺", "西日本北嶺", True),
        ("北嶺", "北嶺工業", True),
        ("新北嶺電機", "北嶺電機", True),
        ("北嶺テクノシステムズ", "北嶺", True),
        ("Hokurei", "Hokurei Sales", True),
        ("北嶺電機", "北嶺電機㈱", False),
        ("北嶺電機", "北嶺電気", False),
        ("北嶺", "北嶺星", False),
        ("日本販売", "日本サービス", False),
        ("つぐみ商事", "ひばり商事", False),
    ],
)
def test_sisters_are_told_by_the_words_around_their_name(
    ours: str, theirs: str, sisters: bool
) -> None:
    one, other = company_key(ours), company_key(theirs)

    assert one is not None
    assert other is not None
    assert look_alike(one, other) is sisters
    assert look_alike(other, one) is sisters


JAPANESE = st.sampled_from(
    _written(
        """
株式会社{} | {}株式会社 | ㈱{} | {}㈱ | （株）{} | {}(株) | カ）{} | {}（カ | (ｶ){} | ㍿{} |
{}㊑ | 株式会社　{} | {} 株式会社 | 有限会社{} | {}合同会社 | 一般社団法人{} | {} Co., Ltd. |
{}株式会社 御中 | ｶﾌﾞｼｷｶﾞｲｼｬ {} | {}有限会社 大阪支店 | {}㈱(本社)
"""
    )
)
LATIN = st.sampled_from(
    _written(
        """
{} Co., Ltd. | {}, Inc. | {} K.K. | KK {} | {} LLC | {} GmbH | {} AG | {} S.A. | {} Pty Ltd |
{} Pte. Ltd. | {} B.V. | {} G.K. | {} Corp. | 株式会社{} | {}(株)
"""
    )
)


@given(
    st.text(alphabet="ひばり精機北斗東山田アカッー会店部様旧現本大阪新", min_size=1, max_size=8),
    JAPANESE,
)
def test_a_name_keeps_its_key_in_any_japanese_form(name: str, written: str) -> None:
    key = company_key(name)

    assert key is None or company_key(written.format(name)) == key


@given(st.lists(st.sampled_from(["tsugumi", "Hokurei", "NAKA7", "d'Or"]), min_size=1), LATIN)
def test_a_name_keeps_its_key_in_any_latin_form(words: list[str], written: str) -> None:
    assert company_key(written.format(" ".join(words))) == company_key(" ".join(words))


FORMS = st.sampled_from(
    [
        "株式会社",
        "㈱",
        "(株)",
        " Co., Ltd.",
        " 御中",
        "カ)",
        "(カ",
        "有限会社",
        "本店",
        " 支店",
        " ",
        "大阪支店",
        "旧",
        "(旧",
        "現",
        "/",
        "協同組合",
        "有限責任",
        "監査法人",
        " KK",
        "inc",
        " 様",
        "営業部",
        "\n",
        "Hokurei",
        "東京",
        "ご担当者様",
        "から変更",
        "formerly ",
        "・",
        "々",
    ]
)


@given(
    st.lists(
        FORMS | st.text(alphabet="ひばりヒ-ァ精機ab&.,・()会社 株", max_size=6), max_size=5
    ).map("".join)
    | st.text(max_size=20)
)
def test_the_key_of_a_key_is_itself(raw: str) -> None:
    key = company_key(raw)
    names = company_names(raw)

    assert names[:1] == (() if key is None else (key,))
    assert all(company_key(name) == name for name in (*names, *former_names(raw)))


WRITTEN = st.sampled_from(
    [*["株式会社", "㈱", "(有)", "（医）", "医療法人", "社会福祉法人", "合同会社", " ", "　"],
     *["ひばり", "製作所", "広告社", "商店", "研究所", "プラザ", "東", "hibari", "オフィス", "会"],
     *["大阪", "東大阪", "津", "北九州", "東京", "都", "支店", "営業所", "工場", "本社", "旧"]]
)  # fmt: skip


@given(st.lists(WRITTEN, min_size=1, max_size=6).map("".join))
def test_what_is_read_at_once_is_read_the_same_step_by_step(raw: str) -> None:
    assert company_key(raw) == _first(raw, company_cell.read(level(raw)))
