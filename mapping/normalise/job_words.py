"""Words of departments and titles. From memory of Japanese business cards; nobody lists them."""

from __future__ import annotations

FUNCTIONS = """
sales: 営業 営業企画 営業推進 営業管理 営業支援 営業事務 営業技術 技術営業 販売 セールス
  インサイドセールス フィールドセールス 法人営業 事業開発 ビジネス開発 渉外 得意先 アカウント 営業所
  外商 アライアンス ソリューション営業 販路開拓 海外事業 代理店 sales account business_development
  bizdev presales alliance
marketing: マーケティング マーケ マーケッター マーケター 宣伝 広告 販促 販売促進 商品企画 市場調査
  ブランド ブランディング デジタルマーケティング リードジェネレーション デマンドジェネレーション
  営業マーケティング marketing brand advertising demand_generation growth promotion プロモーション
  cmo
pr: 広報 pr ピーアール 広報宣伝 広報ir コーポレートコミュニケーション public_relations
  communications corporate_communications press 報道
customer_support: カスタマーサポート カスタマーサクセス カスタマーサービス お客様相談 お客様サービス
  お客様センター お客さま相談 コールセンター コンタクトセンター ヘルプデスク サポート 顧客サービス
  顧客対応 アフターサービス サービスデスク 保守サービス cs customer_support customer_service
  customer_success call_center contact_center support help_desk after-sales client_success
  カスタマーケア カスタマーエクスペリエンス
retail: 店舗 店舗運営 店舗開発 売場 売り場 ストア 商品部 store retail shop merchandising
  マーチャンダイジング 直営店
it: 情報システム 情シス システム 情報 情報管理 情報企画 情報推進 情報戦略 情報技術 情報基盤 電算 it
  dx ict デジタル デジタル推進 dx推進 インフラ ネットワーク セキュリティ 情報セキュリティ データ
  社内se it企画 it推進 システム管理 システム企画 システム開発 システム運用 システム部
  information_technology information_systems information_system systems system_administrator
  it_infrastructure infrastructure network security digital digital_transformation data mis cio ciso
  cdo アプリケーション基盤
engineering: 研究開発 研究 開発 設計 技術 技術開発 製品開発 商品開発 機械設計 回路設計 機構設計
  エンジニアリング エンジニア プログラマ プロダクト プロダクト開発 ソフトウェア ソフトウェア開発 rd
  r&d デザイン 建築設計 構造設計 先行開発 基礎研究 ラボ ハードウェア アプリ開発 web開発 engineering
  engineer research research_and_development development developer design product software hardware
  technology cto cpo technical 技術部 技術本部 実験 試作
production: 製造 製造技術 生産 生産管理 生産技術 工場 工務 工作 組立 加工 施工 工事 土木 建設
  プラント 設備 保全 設備保全 製作 施工管理 生産本部 工程 production manufacturing plant factory
  construction maintenance production_engineering 技能
quality: 品質 品質保証 品質管理 品証 検査 品質技術 qa qc quality quality_assurance quality_control
procurement: 購買 調達 資材 資材調達 仕入 仕入れ 外注 購買調達 バイヤー procurement purchasing
  sourcing buyer 部材
logistics: 物流 ロジスティクス 配送 倉庫 輸送 運輸 運行 運送 サプライチェーン scm 物流管理 受発注
  貿易 出荷 在庫管理 logistics supply_chain warehouse shipping transportation
planning: 経営企画 企画 事業企画 経営戦略 戦略 戦略企画 事業戦略 経営管理 総合企画 企画管理 新規事業
  新規事業開発 事業推進 経営推進 企画推進 サステナビリティ corporate_planning business_planning
  planning strategy strategic_planning corporate_strategy cso new_business 企画部
finance: 経理 財務 会計 経理財務 財務経理 出納 主計 資金 税務 管理会計 ir 予算 finance financial
  accounting accountant treasury controller tax cfo investor_relations
hr: 人事 人材 労務 採用 教育研修 研修 人財 人材開発 人事労務 人事総務 人材育成 組織開発 給与 厚生
  勤労 hr human_resources human_resource human_capital recruiting recruitment talent people
  people_operations chro hrbp payroll training タレント
general_affairs: 総務 庶務 管理部 管理本部 管理課 管理室 総務人事 総務経理 総務管理 ファシリティ
  秘書 総務企画 コーポレート バックオフィス general_affairs administration administrative admin
  facilities corporate_services secretary 管財
legal: 法務 コンプライアンス 知財 知的財産 特許 法規 契約管理 リスク管理 リスクマネジメント legal
  compliance intellectual_property general_counsel counsel patent ガバナンス
audit: 監査 内部監査 業務監査 audit internal_audit auditor 内部統制
operations: 業務 業務管理 業務推進 業務改革 業務企画 オペレーション 運営 運用 業務部 bpr operations
  operation ops
"""
"""What each function is called: small letters, "_" for a space inside a word."""

READINGS = """
シャチョウ=社長 カイチョウ=会長 ダイヒョウ=代表 トリシマリヤク=取締役 シッコウヤク=執行役
ヤクイン=役員 センム=専務 ジョウム=常務 カンサヤク=監査役 リジチョウ=理事長 インチョウ=院長
ホンブチョウ=本部長 ブチョウ=部長 シテンチョウ=支店長 コウジョウチョウ=工場長 ジチョウ=次長
カチョウ=課長 シツチョウ=室長 ショチョウ=所長 テンチョウ=店長 カカリチョウ=係長 シュニン=主任
タントウ=担当 ダイリ=代理 ホサ=補佐 エイギョウ=営業 ソウム=総務 ジンジ=人事 ケイリ=経理
ザイム=財務 コウホウ=広報 キカク=企画 カイハツ=開発 セイゾウ=製造 ホウム=法務 コウバイ=購買
ギジュツ=技術
"""
"""Titles and departments as they are read, for those written in kana alone."""
