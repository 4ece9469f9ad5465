"""Words about companies that are lists: what stands around a name, and what says there is none.

All from memory of Japanese business cards, web forms and groups of companies.
"""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


NO_COMPANY = frozenset(
    _words(
        """
なし 無し 無 ナシ 未定 不明 未入力 未記入 未登録 未設定 該当なし 該当無し 特になし 特に無し 個人
個人事業主 個人名 個人の方 個人利用 個人客 一般個人 フリーランス 自営業 無職 無所属 会社員 学生
主婦 専業主婦 同上 none null unknown notapplicable freelance freelancer selfemployed
"""
    )
)
"""What people write where they have no company, as keys."""

SISTERS = _words(
    """
販売 サービス ホールディングス ホールディング hd グループ グループ本社 工業 産業 商事 商会 物産
物流 運輸 運送 倉庫 通商 貿易 興産 興業 開発 建設 不動産 地所 エステート プロパティ リース
ファイナンス キャピタル クレジット 保険 証券 信託 銀行 システム システムズ システムサービス
ソリューション ソリューションズ 情報システム 情報 ソフト ソフトウェア ソフトウエア データ
デジタル ネット ネットワーク ネットワークス 通信 コミュニケーションズ テクノ テクノロジー
テクノロジーズ テック テクニカ テクノサービス エンジニアリング エンジニア 技研 技術 研究所 総研
総合研究所 製作所 製造 製薬 ファーマ 電子 電機 電気 精密 化学 化成 機械 機器 鉄工 金属
マテリアル エネルギー 電力 ガス プラント メンテナンス 保全 ビルサービス ファシリティーズ
ロジスティクス ロジテック トレーディング マーケティング パートナーズ コンサルティング アセット
アセットマネジメント インベストメント ベンチャーズ インターナショナル グローバル ワークス
スタッフ スタッフサービス ヒューマン キャリア ビジネス ビジネスサービス ビジネスソリューションズ
ライフ ライフサポート ケア フーズ フード 食品 ストア ストアーズ リテール モール トラベル 観光
交通 バス タクシー 自動車 モータース モビリティ オート ラボ メディア メディカル クリエイティブ
クリエイト プロモーション エージェンシー 出版 印刷 アカデミー 教育 ジャパン 日本 東日本 西日本
中日本 北日本 南日本 中央 北海道 東北 関東 首都圏 北陸 中部 東海 関西 近畿 中国 四国 九州 沖縄
東京 大阪 名古屋 京都 神戸 横浜 福岡 仙台 札幌 広島 千葉 埼玉 神奈川 静岡
"""
)
"""What a group of companies puts behind or before its name to tell its companies apart."""

LATIN_SISTERS = _words(
    """
sales service services holding holdings group system systems solution solutions technology
technologies tech technica engineering international global trading logistics finance financial
capital leasing industries industry industrial electronics electric chemical chemicals software
data digital network networks consulting partners marketing research lab labs laboratory
laboratories media medical pharma energy realestate realty construction manufacturing material
materials food foods insurance securities bank japan asia america usa europe china singapore
taiwan korea india thailand east west tokyo osaka nippon
"""
)
"""The same in Latin letters, without spaces."""

AREAS = _words(
    """
北海道 青森 岩手 宮城 秋田 山形 福島 茨城 栃木 群馬 埼玉 千葉 東京 神奈川 新潟 富山 石川 福井
山梨 長野 岐阜 静岡 愛知 三重 滋賀 京都 大阪 兵庫 奈良 和歌山 鳥取 島根 岡山 広島 山口 徳島 香川
愛媛 高知 福岡 佐賀 長崎 熊本 大分 宮崎 鹿児島 沖縄 札幌 旭川 函館 仙台 盛岡 水戸 つくば 宇都宮
高崎 前橋 大宮 さいたま 船橋 柏 横浜 川崎 厚木 相模原 立川 八王子 多摩 新宿 渋谷 池袋 品川
丸の内 大手町 日本橋 銀座 新橋 六本木 赤坂 秋葉原 上野 金沢 松本 甲府 浜松 沼津 豊橋 名古屋
四日市 津 大津 梅田 難波 なんば 堺 神戸 姫路 松江 倉敷 福山 下関 高松 松山 北九州 小倉 博多
久留米 那覇 東北 関東 首都圏 北関東 南関東 甲信越 信越 北陸 中部 東海 関西 近畿 京阪神 阪神 中国
四国 九州 南九州 東日本 西日本 中日本 北日本 東部 西部 南部 北部 中央 城東 城西 城南 城北 首都
東京都 大阪府 京都府 海外 国内
"""
)
"""Where branches are: prefectures, large cities, quarters of Tokyo and Osaka, regions."""

DESKS = _words(
    """
営業 総務 人事 経理 財務 会計 法務 企画 開発 技術 製造 生産 品質 購買 調達 資材 情報 システム
マーケティング 広報 宣伝 経営 業務 管理 研究 設計 物流 サービス カスタマー サポート 海外 国際
国内 法人 商品 事業 戦略 推進 採用 販売 デジタル ソリューション インフラ ネット web ec it dx pr
hr 施設 工務 工事 建設 保守 秘書 監査 知的財産 知財 調査 教育 研修 労務 庶務 渉外 社長 役員 代表
"""
)
"""What the departments of a company are for."""
