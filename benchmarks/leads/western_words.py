"""Tables for the Western set: names with their short forms, companies, posts. From memory."""

from __future__ import annotations

# Given name and what the same person is also called.
MEN = """Robert Bob Rob Bobby|William Bill Will Liam|Richard Rick Dick Rich|James Jim Jimmy
|John Jack Jon|Michael Mike Mick|Thomas Tom|Christopher Chris|Daniel Dan Danny|Matthew Matt
|Anthony Tony|Andrew Andy Drew|Joseph Joe|David Dave|Edward Ed Ted Eddie|Charles Charlie Chuck
|Stephen Steve|Steven Steve|Nicholas Nick|Benjamin Ben|Alexander Alex Sasha|Samuel Sam
|Patrick Pat Paddy|Gregory Greg|Jonathan Jon|Peter Pete|Lawrence Larry|Ronald Ron|José Pepe
|François|Jürgen|Søren|Björn|Luis|André|Zoltán|Łukasz|Jean-Pierre|Müslüm|Per|Lars|Giovanni Gianni
|Hans Hansi|Wei|Raj"""
WOMEN = """Elizabeth Liz Beth Lisa Betty|Katherine Kate Kathy Katie|Margaret Maggie Peggy Meg
|Jennifer Jen Jenny|Patricia Pat Trish|Susan Sue|Deborah Debbie Deb|Rebecca Becky
|Victoria Vicky Tori|Alexandra Alex Sandra|Christina Tina Chris|Jessica Jess|Samantha Sam
|Kimberly Kim|Barbara Barb|Abigail Abby|Theresa Terry Tess|Pamela Pam|Catherine Cathy Cate|Anna
|María Mari|Zoë|Renée|Chloé|Ingrid|Siân|Małgorzata Gosia|Anne-Marie|Françoise|Jacqueline Jackie
|Nathalie|Mei|Priya|Sarah Sally|Emma"""
# Family name and other spellings of it by the same person.
FAMILIES = """Smith|Johnson|Williams|Brown|Jones|Miller|Davis|Wilson|Anderson|Taylor|Thomas|Moore
|Martin|Thompson|White|Clark|Müller Mueller Muller|Schröder Schroeder Schroder|García Garcia
|Rodríguez Rodriguez|Núñez Nunez|O'Brien OBrien O’Brien|O'Connor OConnor O’Connor
|McDonald MacDonald Mcdonald|McCarthy Mccarthy|van_der_Berg Van_der_Berg vanderberg
|de_la_Cruz De_La_Cruz|Lefèvre Lefevre|Dubois|Weiß Weiss|Größmann Groessmann Grossmann
|Håkansson Hakansson|Sørensen Sorensen|Kovács Kovacs|Dvořák Dvorak|Wójcik Wojcik|Nguyen|Kim|Lee
|Patel|Singh|Chen|Rossi|Ferrari|Bianchi|Schmidt|Schmitt|Meyer|Meier|Maier|Fischer|Fisher
|Hoffmann Hofmann|Clarke|Stewart|Stuart|Philips Phillips|Reid|Reed|Green|Greene|Gray Grey|Allan
|Allen|Murphy|Walsh|Baker|Carter|Cooper|Turner|Parker|Evans|Edwards|Collins|Morris|Rogers|Cook
|Bell|Ward|Hughes|Foster|Hayes|Ford|Graham|Wallace|Hamilton|Sullivan|Fernández Fernandez
|Lindström Lindstrom|Bergström Bergstrom|Jansen Janssen|de_Vries De_Vries|Novak|Horvat|Silva
|Santos"""
HOUSES = """Bramwell|Castlemoor|Dunhollow|Eastvane|Fennick|Glasswater|Harrowgate|Ironleaf
|Juniper_Row|Kestrelby|Larkfield|Mossgate|Northfell|Oakhurst_Vale|Pellbrook|Quarrington|Redmere
|Silverthorne|Thistledown|Umberline|Verrano|Westmarch|Yarrowby|Zelkova|Ashcombe|Briarstone
|Calderwick|Driftmoor|Elmstead|Foxglen|Greywater|Hollin|Isenbruck|Kaltenfels|Lindenhoff|Marchetta
|Nordvik|Oderfeld|Pontrieux|Quellmann|Ravensholt|Solvera|Tannwald|Ulvestad|Valcourt|Wexlow
|Ostermoor|Brightwell_Hay|Copperlane|Deepwell"""
TRADES = """Logistics|Systems|Foods|Engineering|Software|Partners|Holdings|Chemicals|Energy
|Consulting|Pharma|Packaging|Motors|Textiles|Analytics|Security|Media|Construction|Instruments
|Freight"""
SISTERS = "Services|Sales|Europe|UK|Americas|Digital|Group|Technologies"
PLACES = """US 1-212 New_York NY 10|US 1-312 Chicago IL 60|US 1-415 San_Francisco CA 94
|US 1-512 Austin TX 78|US 1-617 Boston MA 02|GB 44-20 London London EC
|GB 44-161 Manchester Lancashire M|DE 49-30 Berlin Berlin 10|DE 49-89 München Bayern 80
|FR 33-1 Paris Paris 75|NL 31-20 Amsterdam Noord-Holland 10|ES 34-91 Madrid Madrid 28"""
FORMS = {
    "US": "Inc.|LLC|Corp.|Inc|Corporation|Co.",
    "GB": "Ltd|Limited|plc|Ltd.|LLP",
    "DE": "GmbH|AG|GmbH & Co. KG|UG",
    "FR": "SAS|S.A.|SARL",
    "NL": "B.V.|BV|N.V.",
    "ES": "S.L.|S.A.",
}
TAILS = {"US": ".com", "GB": ".co.uk", "DE": ".de", "FR": ".fr", "NL": ".nl", "ES": ".es"}
DEPARTMENTS = """Sales,Business Development,Sales Dept.,Inside Sales
|Marketing,Mktg,Demand Generation,Marketing & Comms|IT,Information Technology,IS,Infrastructure
|Finance,Accounting,Finance & Accounting|HR,Human Resources,People Operations
|Operations,Ops,Supply Chain|Engineering,R&D,Product Engineering|Procurement,Purchasing,Sourcing
|Customer Success,Support,CS"""
TITLES = """Assistant,Associate,Coordinator,Analyst|Specialist,Senior Associate,Account Executive
|Manager,Mgr,Mgr.,Team Lead,Head of Team|Senior Manager,Sr. Manager,Sr Mgr
|Director,Dir.,Director of Operations|VP,Vice President,V.P.,SVP
|CEO,Chief Executive Officer,Managing Director,Owner"""
FREE = "gmail.com|yahoo.com|outlook.com|hotmail.com|icloud.com|gmx.de|btinternet.com"
STREETS = """Mill Lane|Station Road|Harbour Street|Union Avenue|Market Square|King Street
|5th Avenue|Lindenstraße"""
NOTES = """Met at trade show|Requested demo|Call back Q3|Do not email|Downloaded whitepaper
|Left voicemail|Referred by partner"""
