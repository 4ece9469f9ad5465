"""What companies, departments, titles and places are called. All tables are from memory."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

# Two characters with their readings make an invented house name: 蒼嶺 (ソウレイ), 瑞光 (ズイコウ).
STEM_HEADS = """北 ホク|東 トウ|南 ナン|西 セイ|蒼 ソウ|瑞 ズイ|光 コウ|明 メイ|英 エイ|栄 エイ
|興 コウ|進 シン|新 シン|三 サン|大 ダイ|太 タイ|千 セン|丸 マル|和 ワ|昭 ショウ|泰 タイ|中 チュウ
|日 ニチ|富 フ|鳳 ホウ|豊 ホウ|鶴 カク|松 ショウ|竹 チク|陽 ヨウ|天 テン|永 エイ|旭 キョク|清 セイ
|青 セイ|白 ハク|双 ソウ|協 キョウ|共 キョウ|開 カイ|金 キン|銀 ギン|山 サン|関 カン"""
STEM_TAILS = """斗 ト|都 ト|洋 ヨウ|陽 ヨウ|嶺 レイ|光 コウ|港 コウ|和 ワ|栄 エイ|英 エイ|信 シン
|進 シン|伸 シン|星 セイ|誠 セイ|晃 コウ|興 コウ|立 リツ|邦 ホウ|豊 ホウ|鳳 ホウ|宝 ホウ|友 ユウ
|雄 ユウ|勇 ユウ|徳 トク|産 サン|央 オウ|松 ショウ|昌 ショウ|城 ジョウ|成 セイ|清 セイ|泉 セン
|海 カイ|峰 ホウ|倉 ソウ|輝 キ|基 キ|亜 ア"""
# Katakana houses: name, Latin.
KANA_STEMS = """アオバ Aoba|ミライ Mirai|ソラノ Sorano|ネクサ Nexa|クオリア Qualia|リンクス Lynks
|ヒカリオ Hikario|カナデ Kanade|ツムギ Tsumugi|フロンテ Fronte|アスカナ Asukana|ユニソラ Unisora
|ルミノ Lumino|コネクタ Konekta|アクアリ Aquari|セレスタ Celesta|オルヴァナ Orvana
|ハルカゼ Harukaze|ナギサ Nagisa|イロドリ Irodori|ノヴァリス Novalis|グランデ Grande|ベルデ Verde
|トキワ Tokiwa|ホクト Hokuto|サンコー Sanko|ニシエル Nishiel|キズナ Kizuna|テラス Terras
|モリノ Morino|リバース Rebirth|クレスト Crest|シグネラ Signera|アルゴ Algo|デルタ Delta
|フォレスタ Foresta"""
# Trade: as written, reading, Latin for domains, English.
TRADES = """電機 デンキ denki Electric|商事 ショウジ shoji Trading
|工業 コウギョウ kogyo Industries|製作所 セイサクショ seisakusho Works
|建設 ケンセツ kensetsu Construction|運輸 ウンユ unyu Transport|物流 ブツリュウ butsuryu Logistics
|化学 カガク kagaku Chemical|食品 ショクヒン shokuhin Foods|印刷 インサツ insatsu Printing
|システムズ システムズ systems Systems|ソフト ソフト soft Software|精機 セイキ seiki Precision
|金属 キンゾク kinzoku Metal|不動産 フドウサン fudosan Real_Estate|薬品 ヤクヒン yakuhin Pharma
|設計 セッケイ sekkei Design|産業 サンギョウ sangyo Industry|電子 デンシ denshi Electronics
|鉄工所 テッコウショ tekkosho Ironworks|倉庫 ソウコ soko Warehouse
|警備保障 ケイビホショウ keibi Security|エンジニアリング エンジニアリング eng Engineering
|技研 ギケン giken Technology|通信 ツウシン tsushin Communications|観光 カンコウ kanko Tourism
|木材 モクザイ mokuzai Lumber|紙業 シギョウ shigyo Paper
|ホールディングス ホールディングス hd Holdings
|コンサルティング コンサルティング consulting Consulting|テック テック tech Tech
|広告社 コウコクシャ kokoku Advertising|酒造 シュゾウ shuzo Brewing|農園 ノウエン noen Farm"""
SMALL_TRADES = """工務店 コウムテン komuten Builders|製作所 セイサクショ seisakusho Works
|商店 ショウテン shoten Store|塗装 トソウ toso Painting|電設 デンセツ densetsu Electrical
|酒店 サケテン saketen Liquor|鉄工 テッコウ tekko Iron
|会計事務所 カイケイジムショ kaikei Accounting|設備 セツビ setsubi Plumbing
|自動車 ジドウシャ jidosha Motors|建築設計室 ケンチクセッケイシツ archi Architects
|印房 インボウ inbo Seals"""
SISTERS = """販売 ハンバイ hanbai Sales|サービス サービス service Service
|物流 ブツリュウ logi Logistics|テクノ テクノ techno Techno
|エンジニアリング エンジニアリング eng Engineering
|ビジネスサポート ビジネスサポート bs Business_Support|九州 キュウシュウ kyushu Kyushu
|関西 カンサイ kansai Kansai|ホールディングス ホールディングス hd Holdings"""

# Department: spellings of one and the same place in the firm; mailboxes it may share.
DEPARTMENTS = """営業部,営業本部,営業課,営業1課,営業一課,第1営業部,Sales|eigyo,sales,eigyo1
総務部,総務課,総務人事部,管理部総務課,General Affairs|soumu,kanri
情報システム部,情シス,情報システム課,IT推進部,システム部,IS Dept.|it,system,helpdesk
マーケティング部,マーケティング課,販売促進部,宣伝部,Marketing|marketing,press
人事部,人事課,人事総務部,HR,Human Resources|jinji,recruit,saiyo
経営企画部,経営企画室,企画部,社長室,Corporate Planning|kikaku
製造部,製造課,製造1課,工場,生産部|seizo,factory
購買部,資材部,調達部,購買課,資材購買部,Purchasing|shizai,koubai
開発部,技術部,研究開発部,開発課,設計部,R&D|gijutsu,dev
経理部,経理課,財務経理部,経理財務部,Accounting|keiri
品質保証部,品質管理部,品証,QA|hinshitsu
カスタマーサポート部,お客様相談室,CS部,サポートセンター,Customer Support|support,cs"""

# Rank from the bottom; spellings, the first the usual one.
TITLES = """
0 担当 スタッフ 一般 社員 Staff 担当者
1 主任 チーフ リーダー Chief 主任補佐
2 係長 Supervisor 係長代理 グループリーダー
3 課長 課長代理 Manager マネージャー マネジャー 担当課長 課長(兼任) かちょう
4 次長 副部長 Deputy_General_Manager 部長代理 シニアマネージャー
5 部長 General_Manager GM 本部長 事業部長 部長職 ぶちょう
6 取締役 執行役員 常務取締役 Director 役員 取締役部長
7 代表取締役 代表取締役社長 社長 CEO President 代表
"""

FREE_MAIL = "gmail.com yahoo.co.jp outlook.jp hotmail.com icloud.com"
PROVIDER_MAIL = (
    "ocn.ne.jp nifty.com docomo.ne.jp ezweb.ne.jp softbank.ne.jp biglobe.ne.jp plala.or.jp "
    "so-net.ne.jp i.softbank.jp blue.ocn.ne.jp"
)
GENERAL_MAILBOXES = "info info contact sales office otoiawase webmaster"

# Prefecture, city, area code, first three of the postal code, weight.
PLACES = """
東京都 千代田区 03 100 14 丸の内,大手町,神田錦町,麹町
東京都 港区 03 105 12 芝公園,虎ノ門,新橋,芝浦
東京都 新宿区 03 160 8 西新宿,四谷,新宿
東京都 大田区 03 144 4 蒲田,羽田,大森
東京都 八王子市 042 192 2 八日町,横山町
東京都 府中市 042 183 1 宮町,寿町
神奈川県 横浜市西区 045 220 6 高島,みなとみらい
神奈川県 川崎市川崎区 044 210 4 駅前本町,日進町
埼玉県 さいたま市大宮区 048 330 4 桜木町,吉敷町
千葉県 千葉市中央区 043 260 3 中央,富士見
大阪府 大阪市北区 06 530 10 梅田,中之島,堂島,西天満
大阪府 大阪市中央区 06 541 8 本町,北浜,南船場
大阪府 東大阪市 06 577 4 高井田,長田
京都府 京都市下京区 075 600 4 四条通烏丸東入,東塩小路町
兵庫県 神戸市中央区 078 650 4 三宮町,磯辺通
愛知県 名古屋市中村区 052 450 7 名駅,名駅南
愛知県 豊田市 0565 471 2 元町,小坂本町
静岡県 浜松市中央区 053 430 3 板屋町,鍛冶町
北海道 札幌市中央区 011 060 4 北一条西,大通西,南二条西
宮城県 仙台市青葉区 022 980 4 中央,一番町,国分町
新潟県 新潟市中央区 025 950 2 東大通,万代
石川県 金沢市 076 920 2 香林坊,広岡
富山県 富山市 076 930 1 桜町,牛島町
長野県 長野市 026 380 2 南県町,鶴賀
広島県 広島市中区 082 730 4 紙屋町,八丁堀
広島県 府中市 0847 726 1 府川町,元町
岡山県 岡山市北区 086 700 2 下石井,本町
香川県 高松市 087 760 2 番町,寿町
福岡県 福岡市博多区 092 812 5 博多駅前,綱場町
福岡県 北九州市小倉北区 093 802 2 浅野,京町
熊本県 熊本市中央区 096 860 2 手取本町,花畑町
鹿児島県 鹿児島市 099 890 1 山之口町,加治屋町
沖縄県 那覇市 098 900 1 久茂地,泉崎
"""

NOTES = (
    "展示会で名刺交換",
    "資料請求",
    "セミナー参加",
    "折返し希望",
    "3月に再度連絡",
    "見積依頼あり",
    "メルマガ停止希望",
    "導入時期未定",
    "予算取り中",
    "他社製品利用中",
    "要フォロー",
    "電話不通",
    "紹介案件",
)


@dataclass(frozen=True, slots=True)
class Word:
    """A part of a company name: written, read, as in a domain, in English."""

    written: str
    kana: str
    latin: str
    english: str


@dataclass(frozen=True, slots=True)
class Department:
    """Spellings of one department and the shared mailboxes it may have."""

    spellings: tuple[str, ...]
    mailboxes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A town with what telephone numbers and postal codes there begin with."""

    prefecture: str
    city: str
    area: str
    postal: str
    towns: tuple[str, ...]


def cells(table: str) -> list[list[str]]:
    """Split a table of ``a b c|d e f`` into its cells, with ``_`` for a space inside one."""
    rows = table.replace("\n", "").split("|")
    return [[cell.replace("_", " ") for cell in row.split()] for row in rows if row.strip()]


@cache
def trades(small: bool = False) -> tuple[Word, ...]:
    """What companies do, the small ones or all others."""
    return tuple(Word(*row) for row in cells(SMALL_TRADES if small else TRADES))


@cache
def sisters() -> tuple[Word, ...]:
    """What is added to a group's name for a sister company."""
    return tuple(Word(*row) for row in cells(SISTERS))


@cache
def departments() -> tuple[Department, ...]:
    """All departments."""
    pairs = [line.split("|") for line in DEPARTMENTS.splitlines()]
    return tuple(Department(tuple(a.split(",")), tuple(b.split(","))) for a, b in pairs)


@cache
def titles() -> tuple[tuple[str, ...], ...]:
    """Spellings of titles by rank, from the bottom."""
    rows = [line.split()[1:] for line in TITLES.strip().splitlines()]
    return tuple(tuple(cell.replace("_", " ") for cell in row) for row in rows)


@cache
def places() -> tuple[tuple[Place, ...], tuple[int, ...]]:
    """Towns and their weights."""
    rows = [line.split() for line in PLACES.strip().splitlines()]
    found = tuple(Place(r[0], r[1], r[2], r[3], tuple(r[5].split(","))) for r in rows)
    return found, tuple(int(row[4]) for row in rows)
