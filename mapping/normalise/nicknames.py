"""Western given names and the short names people go by: Bob signs what Robert was invited to.

A short name may stand for several (Alex, Chris, Pat), so names are compared in pairs and never
folded to one key.
"""

from __future__ import annotations

from functools import cache

from mapping.normalise.romanise import plain_letters, romaji_key

# The full name first, then what it is shortened to; from memory of common use in English.
_NAMES = """
abigail abby gail; abraham abe; adelaide addie; agnes aggie; albert al bert; alexander alex al
sandy alec xander sasha; alexandra alex sandra sandy lexi; alfred al alf fred; allison ali allie;
amanda mandy; andrew andy drew; angela angie; ann annie anna; anthony tony; antoinette toni; arthur
art; barbara barb babs; bartholomew bart; beatrice bea trixie; benjamin ben benny; bernard bernie;
bradley brad; calvin cal; cameron cam; caroline carol carrie; cassandra cass cassie sandra;
catherine cathy cate cat kate katie kathy; charles charlie chuck chas; charlotte lottie charlie;
chester chet; christian chris; christina chris chrissy tina; christine chris chrissy tina;
christopher chris topher kit; clifford cliff; clinton clint; cynthia cindy; daniel dan danny;
danielle dani; david dave davy; deborah deb debbie; dennis denny; dominic dom; donald don donny;
dorothy dot dottie; douglas doug; edmund ed eddie ned; edward ed eddie ted ned; edwin ed eddie;
eleanor ellie nell nora; elizabeth liz lizzie beth betty eliza lisa betsy libby; emily em emmy;
emmanuel manny; eugene gene; evelyn eve evie; ezekiel zeke; florence flo; frances fran frankie;
francis frank fran; franklin frank; frederick fred freddie rick; gabriel gabe; gabrielle gabby;
geoffrey geoff; george georgie; gerald gerry jerry; gilbert gil bert; gregory greg; gwendolyn gwen;
harold harry hal; harrison harry; heather heath; henry hank harry hal; herbert herb bert; howard
howie; hubert bert hugh; isaac ike; isabella bella izzy isabel; jacob jake; jacqueline jackie;
james jim jimmy jamie; jane janie; janet jan; jason jay; jeffrey jeff; jennifer jen jenny; jeremiah
jerry; jeremy jerry; jessica jess jessie; jill jilly; joan joanie; joanna jo; john johnny jack jon;
jonathan jon jonny nathan; joseph joe joey; josephine jo josie; joshua josh; joyce joy; judith
judy; julia julie; julian jules; katherine kate katie kathy kat kay kit; kathleen kathy kate katie;
kenneth ken kenny; kimberly kim; kristin kris; kristina kris tina; laura laurie; lauren laurie;
lawrence larry lars; leonard leo len lenny; leonardo leo; leslie les; lillian lily; louis lou
louie; louise lou; lucille lucy; madeline maddie; margaret maggie meg peg peggy marge greta rita;
maria mary; martha marty; martin marty; matthew matt; maximilian max; maxwell max; megan meg;
melanie mel; melissa mel missy lissa; michael mike mick micky mikey; michelle shelly; mildred
millie; miriam mimi; mitchell mitch; mohammed mo; montgomery monty; nancy nan; natalie nat; nathan
nate nat; nathaniel nate nat nathan; nicholas nick nicky; nicole nicky nikki; norman norm; oliver
ollie; olivia liv livvy; oscar ozzie; pamela pam; patricia pat patty tricia trish; patrick pat
paddy; penelope penny; peter pete; philip phil pip; priscilla cilla; rachel rae; randall randy;
randolph randy; raymond ray; rebecca becky becca; reginald reg reggie; richard rick ricky rich dick
richie; robert rob robby bob bobby bert; roberta bobbie; roderick rod; rodney rod; roger rodge;
roland rollie; ronald ron ronny; rosemary rose rosie; russell russ; samantha sam; samuel sam sammy;
sandra sandy; sarah sally sadie; sebastian seb; sharon shari; sidney sid; solomon sol; stanley
stan; stephanie steph; stephen steve; steven steve; stuart stu; susan sue susie; suzanne sue suzy;
sylvester sly; tabitha tabby; tamara tammy; terence terry; teresa terry tess; theodore ted teddy
theo; theresa terry tess; thomas tom tommy; timothy tim timmy; tobias toby; tristan tris; valerie
val; vanessa nessa; veronica ronnie vera; victor vic; victoria vicky tori; vincent vince vinnie;
virginia ginny; walter walt wally; wesley wes; wilfred wilf; wilhelm will willi; william will bill
billy willy liam; winston win; yvonne vonnie; zachary zach zack
"""
# Spellings of one name.
_SAME = """
ann anne anna; allison alison; catherine katherine kathryn katharine catharine; carl karl;
christina kristina; christine kristine; christopher kristopher; claire clare; deborah debra;
elizabeth elisabeth; eric erik; frederick frederic fredrick; geoffrey jeffrey jeffery; jennifer
jenifer; laurence lawrence; leslie lesley; lewis louis; marc mark; megan meghan; michelle michele;
mohammed muhammad mohamed mohammad; nicholas nicolas; nicole nichole; philip phillip; rachel
rachael; rebecca rebekah; sara sarah; stephen steven stephan; stuart stewart; susan suzan; teresa
theresa; zachary zachery zackary; gregory gregg; matthew mathew; sean shaun shawn; tracy tracey;
bryan brian
"""


def same_given(one: str, other: str) -> bool:
    """Whether two Western given names may be one person's: equal, short for another, or respelled.

    Two short names agree when they shorten the same name: Bob and Rob.
    """
    a, b = romaji_key(one), romaji_key(other)
    return bool(a) and (a == b or not _full_names(one).isdisjoint(_full_names(other)))


def _full_names(name: str) -> frozenset[str]:
    """What a name may stand for; names that were folded before are found as well."""
    plain, table = plain_letters(name), _table()
    return table.get(plain) or table.get(romaji_key(plain)) or frozenset((plain,))


@cache
def _table() -> dict[str, frozenset[str]]:
    """Every name, plain and folded, with the full names that it may stand for."""
    found: dict[str, set[str]] = {}
    for full, *shorts in (group.split() for group in _NAMES.split(";")):
        for name in (full, *shorts):
            found.setdefault(name, set()).add(full)
    for group in _SAME.split(";"):
        spellings = group.split()
        meant = set(spellings).union(*(found.get(name, ()) for name in spellings))
        for name in spellings:
            found.setdefault(name, set()).update(meant)
    table = {romaji_key(name): frozenset(meant) for name, meant in found.items()}
    return table | {name: frozenset(meant) for name, meant in found.items()}
