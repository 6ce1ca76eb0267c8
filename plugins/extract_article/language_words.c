/* The commonest words of each language, and letters by which it is known. */
#include "language.h"

#include "scripts.h"

const struct article_words article_words[] = {
    {"en", SCRIPT_LATIN, "",
     "the of and to in is that for was with as it on by be at from are this has have "
     "not "
     "which or his were had an will their its said he they after who would been more"},
    {"de", SCRIPT_LATIN, "ßäöü",
     "der die und das den von zu mit sich des auf für ist im dem nicht ein eine als "
     "auch "
     "es an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem "
     "über "
     "einen so zum war haben nur oder aber vor zur bis mehr durch man sein wurde"},
    {"fr", SCRIPT_LATIN, "êèœùç",
     "le la les de des et en un une du est que dans qui pour par sur au pas plus ne ce "
     "avec son se sont aux il ont été cette mais ses leur elle selon été d l qu après "
     "ainsi comme nous entre deux fait être"},
    {"es", SCRIPT_LATIN, "ñ¿¡",
     "el la los las de del y en que un una por con para se no es su al lo como más "
     "pero "
     "sus le ha fue este entre cuando muy sin sobre también hasta hay donde desde todo "
     "nos durante según son esta"},
    {"pt", SCRIPT_LATIN, "ãõ",
     "o a os as de do da dos das e em que um uma para com não por se na no nas nos ao "
     "é "
     "mais como mas foi pelo pela são ou seu sua também até entre pelos segundo está "
     "ele "
     "tem isso já"},
    {"it", SCRIPT_LATIN, "òìù",
     "il lo la i gli le di del della dei delle e in che un una per con non è da dal "
     "dalla "
     "al alla si sono nel nella come più ma anche ha ci loro essere stato suo questo "
     "dopo "
     "secondo tra fra degli ai"},
    {"nl", SCRIPT_LATIN, "",
     "de het een en van in is dat op te zijn met voor niet aan er om ook als die bij "
     "door "
     "naar maar uit werd over worden hij heeft nog dan wordt deze kan tot zich meer "
     "hun "
     "volgens hebben was"},
    {"sv", SCRIPT_LATIN, "å",
     "och att det i en som är av för på den med till inte om ett har de han var sig "
     "från "
     "men när kan så vi efter vid eller under hade detta också mer över enligt ska "
     "där"},
    {"da", SCRIPT_LATIN, "æø",
     "og i at det er en af til den på for som med de ikke har han et der var fra om "
     "men "
     "sig vil blev kan efter også være ved skal eller mod over hvor nu havde siger"},
    {"nb", SCRIPT_LATIN, "æø",
     "og i det er på som en at til den for med av ikke har de han et var fra om men "
     "seg "
     "vil ble kan etter også være ved skal eller mot over hvor nå hadde sier opp ut"},
    {"fi", SCRIPT_LATIN, "ä",
     "ja on ei että oli se hän mutta ovat kun myös mukaan joka jo tai niin ole sekä "
     "kuin "
     "olla vain hänen sen nyt voi sitten noin jälkeen ennen vuonna"},
    {"pl", SCRIPT_LATIN, "łąęśźżńć",
     "i w na z do nie się że jest o to od po za jak przez ale dla są co tym oraz jego "
     "był "
     "tego który która które lub jako ze tak już może przed podczas według było"},
    {"cs", SCRIPT_LATIN, "řěů",
     "a v na se je že o s z do to za i pro by ale jako jsou k od podle po který která "
     "které tak než nebo při však již ve jeho byl bylo také až není mezi let"},
    {"sk", SCRIPT_LATIN, "ľĺŕôť",
     "a v na sa je že o s z do to za i pre by ale ako sú k od podľa po ktorý ktorá "
     "ktoré "
     "tak než alebo pri však už vo jeho bol bolo aj až nie medzi rokov"},
    {"hu", SCRIPT_LATIN, "őű",
     "a az és hogy nem is egy van volt meg azt csak de már mint még után ez ezt "
     "szerint "
     "el lesz akkor vagy pedig ami aki között minden több lehet"},
    {"ro", SCRIPT_LATIN, "ăîțșţş",
     "și de la în a o că cu pe din care nu un este pentru au fost mai să al sau dar "
     "prin "
     "după ale lui fi unei cel sunt dintre către însă această potrivit"},
    {"hr", SCRIPT_LATIN, "đčćžš",
     "je i u na se da za od su s koji koja koje o kako ne iz to do bi će nije ili ali "
     "pa "
     "kao bio te sve što nakon više prema samo svi jer"},
    {"sl", SCRIPT_LATIN, "čžš",
     "je in v na se da za so ki pri po s z ne od o pa bi bo kot tudi do ali bil iz kar "
     "ni "
     "med lahko še sta že tem več zaradi"},
    {"tr", SCRIPT_LATIN, "ığş",
     "ve bir bu da de için ile olarak olan çok daha en gibi kadar sonra ise değil ne o "
     "ya var dedi göre her ancak iki yıl olduğu milyon milyar üzerinde ettiği"},
    {"az", SCRIPT_LATIN, "ə",
     "və bir bu da də üçün ilə olan olub edib daha sonra bildirib isə çox görə il kimi "
     "deyib tərəfindən həmin olduğu edən"},
    {"id", SCRIPT_LATIN, "",
     "yang dan di dari untuk pada dengan ini itu dalam tidak akan adalah oleh ke "
     "tersebut "
     "juga sebagai telah atau bahwa mereka karena lebih bisa kata para ada saat"},
    {"ms", SCRIPT_LATIN, "",
     "yang dan di dari untuk pada dengan ini itu dalam tidak akan adalah oleh ke "
     "tersebut "
     "juga sebagai telah atau bahawa mereka kerana lebih boleh kata beliau ialah "
     "berkata"},
    {"vi", SCRIPT_LATIN, "đơưạảấầậếềệộốồớờợủứừữự",
     "và của là các có trong cho không được với một những đã người này để khi từ đến "
     "về "
     "tại cũng ra theo vào như nhiều"},
    {"sw", SCRIPT_LATIN, "",
     "na ya wa kwa ni katika za la kuwa cha hiyo alisema ambao hii huo baada lakini "
     "pia "
     "watu yake wake kama hilo mwaka"},
    {"sq", SCRIPT_LATIN, "ë",
     "të e në i dhe për me nga një që se është ka më do u si nuk ai kjo janë por kanë "
     "deri pas ky"},
    {"lt", SCRIPT_LATIN, "ėųįū",
     "ir kad su iš į tai yra kaip bet ar už po apie buvo per dėl jis nuo savo taip pat "
     "metų šių nėra"},
    {"lv", SCRIPT_LATIN, "āīķļņ",
     "un ir ar no uz ka par kas arī pēc bet tika kā tas gan pie vai līdz viņš nav ne "
     "tā "
     "gada"},
    {"et", SCRIPT_LATIN, "õ",
     "ja on ei et see oli ta kui aga ka või ning mis kes oma ole pärast sest siis veel "
     "kohta aasta tema"},
    {"ca", SCRIPT_LATIN, "ç",
     "el la els les de del i en que un una per amb no és al dels ha més com seu però "
     "aquest aquesta també fins entre segons ser són han"},
    {"ru", SCRIPT_CYRILLIC, "ыэ",
     "и в не на что с по это как из для к о за он от до его но мы так же все после "
     "была "
     "был были или также при том их году уже бы чтобы со"},
    {"uk", SCRIPT_CYRILLIC, "іїєґ",
     "і в не на що з по це як із для до за він від його але ми так та після була був "
     "були "
     "або також при того їх року вже щоб про у й"},
    {"be", SCRIPT_CYRILLIC, "ўі",
     "і ў не на што з па гэта як для да за ён ад яго але мы так пасля была быў былі "
     "або "
     "таксама пры таго іх года ўжо каб пра"},
    {"bg", SCRIPT_CYRILLIC, "ъ",
     "и на в не за се да от по с е това са като че ще който която които при след до но "
     "има от беше са или през още може за"},
    {"sr", SCRIPT_CYRILLIC, "ђћј",
     "и у на се да је за од су са који која које о како не из то до би ће није или али "
     "па као био те све што након"},
    {"mk", SCRIPT_CYRILLIC, "ѓќѕј",
     "и на во не за се да од по со е тоа се како дека ќе кој која кои при до но има "
     "беше "
     "или преку уште може што"},
    {"kk", SCRIPT_CYRILLIC, "әғқңөұүһі",
     "және бұл үшін мен бір деп да де болып осы бар емес болды туралы кейін сондай ол"},
    {"ar", SCRIPT_ARABIC, "ةىأإ",
     "في من على إلى أن التي الذي هذا هذه عن مع ما لا كان كانت بعد قبل قد كما أو بين "
     "حتى "
     "إن ذلك خلال عند وقد منذ لم أكثر نحو وفق بحسب"},
    {"fa", SCRIPT_ARABIC, "پچژگی",
     "در از به که این را با است برای آن یک خود تا بر هم شد شده کرد می های بود نیز ما و "
     "دو پس اما کند گفت او"},
    {"ur", SCRIPT_ARABIC, "ٹڈڑےہں",
     "کے کی میں اور ہے سے کا کو اس نے پر کہ یہ ہیں ہو بھی تھا ایک کر گیا لیے وہ کیا تک "
     "ان جو بعد"},
    {"ckb", SCRIPT_ARABIC, "ێۆڕڵە",
     "لە و بە کە بۆ ئەم ئەو بوو لەگەڵ یەک هەر نێوان دەکات دوای ئەوەی"},
    {"ps", SCRIPT_ARABIC, "ټډړښځڅۍې",
     "په د او چې کې له سره دی ته يې نه وي شوي هم دا کړي"},
};
const size_t article_words_count = sizeof(article_words) / sizeof(article_words[0]);
