"""Job titles, their levels and functions, and departments as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapping.normalise.job import Function, Level, department_key, function, level, same_department

LEVELS = {
    Level.EXECUTIVE: (
        "代表取締役|代表取締役社長|"
        "とりしまりやく|社長|副社長|会長|名誉会長|取締役|取締役営業部長|社外取締役"
        "|専務|常務執行役員"
        "|執行役員|監査役|相談役|顧問|代表|代表社員|共同代表|理事|理事長|院長|副院長|学長|校長"
        "|市長|オーナー|創業者"
        "|ＣＥＯ|CTO|CHRO|Founder & CEO|Chief Executive Officer|Chief Technology Officer|President"
        "|Vice President|VP of Sales|SVP, Marketing|Managing Director|Representative Director"
        "|Executive Officer|Co-Founder|Owner|部長 兼 取締役|代表取締役／営業本部長"
    ),
    Level.DIRECTOR: (
        "部長|部　長|ｴｲｷﾞｮｳ ﾌﾞﾁｮｳ|営業部長|担当部長|本部長|副本部長|本部長代理|事業部長|統括部長"
        "|支社長"
        "|支店長|前橋支店長|工場長"
        "|研究所長|事務局長|総支配人|ゼネラルマネージャー|ジェネラルマネジャー|ディレクター|GM"
        "|General Manager"
        "|Director|Director of Sales|Head of Marketing|部長 (兼) 課長"
    ),
    Level.MANAGER: (
        "次長|課長|担当課長|室長|社長室長|部長代理|部長補佐|副部長|副工場長|支店長代理|所長|店長"
        "|センター長|支配人"
        "|マネージャー|マネジャー|マネージャ|シニアマネージャー|エリアマネージャー|Manager"
        "|Senior Manager"
        "|Sales Manager|Section Chief|Deputy General Manager|Assistant Vice President"
    ),
    Level.LEAD: (
        "係長|かかりちょう|主任|主任研究員|課長代理|課長補佐|副課長|係長代理|主査|班長|チーフ|リーダー"
        "|チームリーダー|シニアエンジニア"
        "|アシスタントマネージャー|Webディレクター|Assistant Manager|Deputy Manager|Team Lead"
        "|Senior Engineer"
        "|Supervisor|Chief Engineer"
    ),
    Level.STAFF: (
        "担当|営業担当|一般|一般社員|スタッフ|エンジニア|経理事務|管理事務|料理事業部 担当"
        "|社長秘書|役員秘書|会社員"
        "|パートタイマー|インターン|Engineer|Sales Representative|Assistant"
        "|Executive Assistant to CEO"
        "|Account Executive|HR Business Partner"
    ),
}


@pytest.mark.parametrize(
    ("title", "wanted"),
    [(title, wanted) for wanted, titles in LEVELS.items() for title in titles.split("|")],
)
def test_a_title_has_a_level(title: str, wanted: Level) -> None:
    assert level(title) is wanted


@pytest.mark.parametrize(
    "title",
    [
        "",
        "なし",
        "その他",
        "元社長",
        "前営業部長",
        "former CEO",
        "社長室",
        "部長付",
        "取締役会事務局",
        "営業部",
    ],
)
def test_a_title_that_says_nothing_of_its_holder_has_no_level(title: str) -> None:
    assert level(title) is None


def test_a_former_title_leaves_the_present_one() -> None:
    assert level("元部長 現顧問") is Level.EXECUTIVE
    assert level("前社長、現在は担当部長") is Level.DIRECTOR


FUNCTIONS = {
    Function.SALES: "営業|エイギョウ|第一営業部|営業企画部|営業推進|技術営業部|法人営業|セールス"
    "|取締役営業部長|Sales Dept."
    "|Business Development|営業１課",
    Function.MARKETING: "マーケティング部|営業本部 マーケティング部|宣伝部|販売促進課|商品企画部"
    "|CMO|Marketing",
    Function.PR: "広報室|PR|Public Relations",
    Function.CUSTOMER_SUPPORT: "カスタマーサクセス|お客様相談室|ｶｽﾀﾏｰｻﾎﾟｰﾄ|コールセンター"
    "|Customer Support",
    Function.RETAIL: "店舗運営部|Retail",
    Function.IT: "情報システム部|ＩＴ推進室|DX推進室|システム開発部|情シス"
    "|Information Technology|IT",
    Function.ENGINEERING: "研究開発部|開発部|設計課|技術部|R&D|Engineering|エンジニア|CTO",
    Function.PRODUCTION: "製造部|生産管理|生産技術部|工場|Manufacturing",
    Function.QUALITY: "品質保証部|品質管理課|QA",
    Function.PROCUREMENT: "購買部|資材調達|Purchasing",
    Function.LOGISTICS: "物流センター|ロジスティクス|Supply Chain",
    Function.PLANNING: "経営企画室|事業企画|新規事業開発室|Corporate Planning",
    Function.FINANCE: "経理部|財務|会計|CFO|Accounting",
    Function.HR: "人事部|採用|労務課|Human Resources|HR",
    Function.GENERAL_AFFAIRS: "総務部|総務人事部|管理部|秘書室|General Affairs",
    Function.LEGAL: "法務部|コンプライアンス|知的財産部|Legal",
    Function.AUDIT: "内部監査室",
    Function.OPERATIONS: "業務部|Operations",
    Function.MANAGEMENT: "代表取締役社長|会長|CEO|社長室|President|役員",
}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [(text, wanted) for wanted, texts in FUNCTIONS.items() for text in texts.split("|")],
)
def test_a_department_or_title_has_a_function(text: str, wanted: Function) -> None:
    assert function(text) is wanted


@pytest.mark.parametrize(
    "text", ["", "部長", "本社", "第一事業部", "Unit", "Profit", "前橋支店長", "管理職"]
)
def test_what_names_no_function_has_none(text: str) -> None:
    assert function(text) is None


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("営業本部 第一営業部", "営業本部第1営業部"),
        ("第一課", "1課"),
        ("一課", "第１課"),
        ("営業Ⅱ部", "営業二部"),
        ("営業十一課", "営業11課"),
        ("営業1G", "営業第一グループ"),
        ("ｶｽﾀﾏｰｻﾎﾟｰﾄ部", "カスタマーサポート部"),
        ("Sales Dept.", "sales department"),
        ("ＩＴ推進室", "it推進室"),
        ("營業部", "営業部"),
    ],
)
def test_ways_of_writing_one_department_share_a_key(a: str, b: str) -> None:
    assert department_key(a) == department_key(b) != ""
    assert same_department(a, b) is True


@pytest.mark.parametrize(
    ("a", "b", "wanted"),
    [
        ("営業部", "営業本部 営業部 第一課", True),
        ("営業部", "総務部", False),
        ("情報システム部", "人事部 採用課", False),
        ("1課", "11課", None),
        ("営業1課", "営業2課", None),
        ("IT", "Unit推進", None),
        ("営業部", "第三事業部", None),
        ("", "営業部", None),
        ("", "", None),
    ],
)
def test_departments_are_the_same_or_not_or_it_cannot_be_told(
    a: str, b: str, wanted: bool | None
) -> None:
    assert same_department(a, b) is wanted
    assert same_department(b, a) is wanted


@given(
    st.text(alphabet="第一二十1部課グループ営業G ・Dept.sales（）Ⅱ代理副元前長社", max_size=20)
    | st.text(max_size=20)
)
def test_a_key_of_a_key_is_that_key_and_nothing_raises(raw: str) -> None:
    assert department_key(department_key(raw)) == department_key(raw)
    assert level(raw) in {None, *Level}
    assert function(raw) in {None, *Function}


@given(st.sampled_from(sorted(level for level in LEVELS)), st.data())
def test_of_two_titles_the_higher_counts(high: Level, data: st.DataObject) -> None:
    order = list(Level)
    low = data.draw(st.sampled_from(order[order.index(high) :]))
    titles = [data.draw(st.sampled_from(LEVELS[one].split("|"))) for one in (high, low)]

    assert level(" / ".join(data.draw(st.permutations(titles)))) is high
