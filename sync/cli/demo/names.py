"""Names that the invented people and companies are made of. None of them is meant to exist."""

from __future__ import annotations

FAMILIES: tuple[tuple[str, str, str], ...] = (
    ("佐藤", "サトウ", "sato"),
    ("鈴木", "スズキ", "suzuki"),
    ("高橋", "タカハシ", "takahashi"),
    ("田中", "タナカ", "tanaka"),
    ("伊藤", "イトウ", "ito"),
    ("渡辺", "ワタナベ", "watanabe"),
    ("山本", "ヤマモト", "yamamoto"),
    ("中村", "ナカムラ", "nakamura"),
    ("小林", "コバヤシ", "kobayashi"),
    ("加藤", "カトウ", "kato"),
    ("吉田", "ヨシダ", "yoshida"),
    ("山田", "ヤマダ", "yamada"),
    ("佐々木", "ササキ", "sasaki"),
    ("山口", "ヤマグチ", "yamaguchi"),
    ("松本", "マツモト", "matsumoto"),
    ("井上", "イノウエ", "inoue"),
    ("木村", "キムラ", "kimura"),
    ("斎藤", "サイトウ", "saito"),
    ("清水", "シミズ", "shimizu"),
    ("山崎", "ヤマザキ", "yamazaki"),
    ("森", "モリ", "mori"),
    ("池田", "イケダ", "ikeda"),
    ("橋本", "ハシモト", "hashimoto"),
    ("石川", "イシカワ", "ishikawa"),
    ("長谷川", "ハセガワ", "hasegawa"),
    ("五十嵐", "イガラシ", "igarashi"),
    ("久保田", "クボタ", "kubota"),
    ("小笠原", "オガサワラ", "ogasawara"),
    ("藤原", "フジワラ", "fujiwara"),
    ("三浦", "ミウラ", "miura"),
)
"""Family names with their reading and in Latin letters."""

GIVEN: tuple[tuple[str, str, str], ...] = (
    ("花子", "ハナコ", "hanako"),
    ("太郎", "タロウ", "taro"),
    ("健一", "ケンイチ", "kenichi"),
    ("美咲", "ミサキ", "misaki"),
    ("翔太", "ショウタ", "shota"),
    ("陽子", "ヨウコ", "yoko"),
    ("大輔", "ダイスケ", "daisuke"),
    ("直美", "ナオミ", "naomi"),
    ("拓也", "タクヤ", "takuya"),
    ("由美子", "ユミコ", "yumiko"),
    ("誠", "マコト", "makoto"),
    ("恵", "メグミ", "megumi"),
    ("和也", "カズヤ", "kazuya"),
    ("さくら", "サクラ", "sakura"),
    ("浩二", "コウジ", "koji"),
    ("真由美", "マユミ", "mayumi"),
    ("隆", "タカシ", "takashi"),
    ("愛", "アイ", "ai"),
    ("亮", "リョウ", "ryo"),
    ("千尋", "チヒロ", "chihiro"),
)
"""Given names likewise."""

ENGLISH_FAMILIES = (
    "Clarke", "Hughes", "Bennett", "Marsh", "Fletcher", "Osborne", "Hartley", "Whitfield",
    "Doyle", "Pemberton", "Ashworth", "Kerr", "Lindqvist", "Moreno", "Novak", "Fischer",
)  # fmt: skip
ENGLISH_GIVEN = (
    "Emily", "James", "Olivia", "Daniel", "Sophie", "Marcus", "Hannah", "Peter",
    "Laura", "Thomas", "Alice", "Victor", "Grace", "Simon",
)  # fmt: skip

FIRMS: tuple[tuple[str, str], ...] = (
    ("青空", "aozora"), ("みなと", "minato"), ("北斗", "hokuto"), ("さくら野", "sakurano"),
    ("ひばり", "hibari"), ("若竹", "wakatake"), ("白銀", "shirogane"), ("朝霧", "asagiri"),
    ("月見坂", "tsukimizaka"), ("千石", "sengoku"), ("琥珀", "kohaku"), ("碧海", "hekikai"),
    ("楓", "kaede"), ("つばさ野", "tsubasano"), ("雪割", "yukiwari"), ("南風", "nampu"),
    ("銀河堂", "gingado"), ("柚木", "yunoki"), ("蒼天", "souten"), ("ＡＢＣ", "abc"),
)  # fmt: skip
"""First halves of company names, and in Latin letters."""

TRADES: tuple[tuple[str, str], ...] = (
    ("製作所", "mfg"), ("商事", "shoji"), ("システム", "systems"), ("物流", "logi"),
    ("工業", "kogyo"), ("電機", "denki"), ("食品", "foods"), ("建設", "kensetsu"),
    ("印刷", "print"), ("化学", "chem"), ("精機", "seiki"), ("観光", "kanko"),
)  # fmt: skip
"""Second halves of company names, and in Latin letters."""

ENGLISH_FIRMS = (
    "Larkfield", "Harborside", "Pinecrest", "Stonebrook", "Elmgrove", "Fairhaven", "Ridgewater",
    "Copperleaf", "Winterbourne", "Millstone",
)  # fmt: skip
ENGLISH_TRADES = (
    "Logistics", "Instruments", "Textiles", "Robotics", "Packaging", "Analytics", "Foods",
)  # fmt: skip

PLACES: tuple[tuple[str, str, str, str, str], ...] = (
    ("東京都", "千代田区", "丸の内", "100-0005", "3"),
    ("東京都", "港区", "芝浦", "108-0023", "3"),
    ("大阪府", "大阪市北区", "梅田", "530-0001", "6"),
    ("愛知県", "名古屋市中村区", "名駅", "450-0002", "52"),
    ("神奈川県", "横浜市西区", "みなとみらい", "220-0012", "45"),
    ("福岡県", "福岡市博多区", "博多駅前", "812-0011", "92"),
    ("北海道", "札幌市中央区", "北一条西", "060-0001", "11"),
    ("宮城県", "仙台市青葉区", "中央", "980-0021", "22"),
)
"""Prefecture, city, street, postal code and area code (without its 0)."""

DEPARTMENTS = ("営業部", "情報システム部", "経営企画室", "マーケティング部", "総務部", "製造部")
TITLES = ("部長", "課長", "主任", "係長", "代表取締役", "担当")
ENGLISH_TITLES = ("Sales Director", "IT Manager", "Head of Operations", "Buyer", "Marketing Lead")
INTERESTS = ("document", "demo", "price", "case")
CAMPAIGNS = ("spring-2026", "webinar-dx", "brand-search", "partner-news")
SOURCES = ("google", "newsletter", "yahoo", "linkedin")
