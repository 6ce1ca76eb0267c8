--- The case: what North Korea supplied to Russia, what came back, and at what cost in lives.
--- Words are stems that stand at the beginning of a word; case, Arabic vowel signs and
--- particles are evened out by extract.topics, words of up to four letters count only whole.
---
--- counted   nouns that are counted       near     words that mark the topic near the figure
--- hint      words that only support it   exclude  words of the clause that rule it out
--- beats     topics that give way to it   mentions entities that the document must name
--- others    givers that must not stand nearer to the figure than the topic's own parties
--- anchor    entities or nouns (of topics) of which the sentence must hold one
--- needs_hint  true: a word of `hint` must stand in the sentence
--- strangers parties whose mention without the topic's own rules it out

--- What ties a casualty figure to the case: an entity or the word soldiers in its sentence.
local TROOPS = { entities = { "PRK", "NIS", "NKNEWS" }, nouns = { "soldiers" } }

local SUPPLIERS = { "IRN", "CHN", "USA", "KOR" }

local topics = {
  arms_value = {
    label = "value of the arms that North Korea supplied to Russia",
    kind = "money", unit = "USD", measure = "stock", stage = "delivered",
    from = "PRK", to = "RUS", returns = "comp_value",
    mentions = { "PRK", "RUS" }, others = SUPPLIERS, strangers = { "UKR" },
    near = {
      ar = { "أسلحة", "سلاح", "ذخائر", "ذخيرة", "زودت", "سلمت", "شحنات", "إمدادات", "توريد" },
      en = { "arms", "weapon", "ammunition", "munition", "deliver", "supplied", "supplies",
        "shipment", "shipped", "arsenal" },
      de = { "waffen", "rüstung", "munition", "liefer", "geliefert" },
      ko = { "무기", "탄약", "군수품", "공급한", "제공한", "지원한" },
      ru = { "оруж", "оружи", "вооружен", "боеприпас", "постав" },
      fr = { "armes", "armement", "munition", "livré", "livraison", "fourni" },
      es = { "armas", "armamento", "munición", "municiones", "suministr", "entreg" },
      uk = { "зброя", "зброї", "зброю", "зброєю", "озброєн", "боєприпас", "постач", "передал" },
      tr = { "silah", "mühimmat", "cephane", "tedarik", "sevkiyat" },
      ja = { "武器", "弾薬", "兵器", "供与", "提供した" },
    },
    hint = {
      ar = { "قيمة" }, en = { "worth", "value", "sent" }, de = { "wert", "bewert" },
      ko = { "가치", "상당" }, ru = { "стоимост", "на сумму" }, fr = { "valeur" },
      es = { "valor" }, uk = { "вартіст", "на суму" }, tr = { "değer" }, ja = { "価値", "相当" },
    },
    exclude = {
      ar = { "التبادل التجاري", "حجم التجارة", "ميزانية", "إرسال قوات", "رواتب" },
      en = { "bilateral trade", "trade volume", "budget", "gross domestic", "deployment of troops",
        "salaries", "wages" },
      de = { "handelsvolumen", "haushalt", "bruttoinlandsprodukt", "entsendung", "einnahmen",
        "sold" },
      ko = { "교역액", "예산", "국내총생산", "파병 대가" },
      ru = { "товарооборот", "бюджет", "ВВП", "отправк" },
      fr = { "échanges commerciaux", "budget", "produit intérieur", "envoi de troupes" },
      es = { "comercio bilateral", "presupuesto", "producto interior", "envío de tropas" },
      uk = { "товарообіг", "бюджет", "ВВП", "відправлення" },
      tr = { "ticaret hacmi", "bütçe", "asker göndermesi" },
      ja = { "貿易額", "予算", "国内総生産", "派兵の" },
    },
  },
  comp_value = {
    label = "value of what Russia gave North Korea in return",
    kind = "money", unit = "USD", measure = "stock", stage = "delivered",
    from = "RUS", to = "PRK",
    mentions = { "PRK", "RUS" }, others = SUPPLIERS, strangers = { "UKR" },
    near = {
      ar = { "المقابل", "مقابل", "تعويض", "حصلت", "تلقت", "دفعت", "سددت" },
      en = { "in return", "return", "compensat", "received", "receive", "repaid", "paid", "payment",
        "came back", "got back", "in exchange", "reward", "remunerat", "earned" },
      de = { "gegenleistung", "im gegenzug", "erhielt", "erhalten", "bekam", "bekommen", "bezahl",
        "gezahlt", "zahlte", "vergüt", "entlohn", "zurückfloss" },
      ko = { "대가", "받은", "보상", "대금", "지급" },
      ru = { "взамен", "в обмен", "получил", "компенсац", "заплат", "выплат", "вознагражд" },
      fr = { "contrepartie", "échange", "en retour", "reçu", "reçoit", "compens", "payé", "versé",
        "rémunér" },
      es = { "a cambio", "recibido", "recibió", "compens", "pagado", "contrapartida", "remunera" },
      uk = { "натомість", "в обмін", "отримав", "отримал", "компенсац", "заплат", "виплат",
        "винагород" },
      tr = { "karşılık", "karşılığ", "aldıkları", "aldığı", "ödeme", "ödedi", "telafi" },
      ja = { "見返り", "受け取", "対価", "報酬", "支払った" },
    },
    hint = {
      ar = { "نفط", "وقود", "غذائية", "الدفاع الجوي", "حبوب" },
      en = { "food", "fuel", "grain", "air defence", "air defense" },
      de = { "lebensmittel", "treibstoff", "flugabwehr", "getreide" },
      ko = { "정제유", "식량", "방공" },
      ru = { "нефть", "нефтью", "продовольств", "топлив", "средствами ПВО" },
      fr = { "carburant", "pétrole", "céréales", "défense aérienne" },
      es = { "combustible", "petróleo", "cereales", "defensa antiaérea" },
      uk = { "пальн", "зерном", "протиповітрян", "нафто" },
      tr = { "akaryakıt", "petrol", "tahıl", "hava savunma" },
      ja = { "燃料", "穀物", "食料", "防空" },
    },
    exclude = {
      ar = { "التبادل التجاري", "رواتب", "راتب", "لكل جندي", "شهري" },
      en = { "bilateral trade", "trade volume", "salaries", "salary", "wage", "each soldier",
        "per soldier", "a month", "monthly" },
      de = { "handelsvolumen", "entsendung", "einnahmen", "pro soldat", "je soldat", "monatlich",
        "im monat", "sold" },
      ko = { "교역액", "1인당", "월급" },
      ru = { "товарооборот", "каждому солдату", "в месяц", "ежемесячн" },
      fr = { "échanges commerciaux", "par soldat", "par mois" },
      es = { "comercio bilateral", "por soldado", "al mes" },
      uk = { "товарообіг", "кожному солдат", "на місяць" },
      tr = { "ticaret hacmi", "asker başına", "ayda" }, ja = { "貿易額", "一人当たり", "月額" },
    },
  },
  shells = {
    label = "artillery shells supplied", kind = "count", measure = "stock", stage = "delivered",
    from = "PRK", to = "RUS", mentions = { "PRK", "RUS" }, others = SUPPLIERS,
    strangers = { "UKR" },
    counted = {
      ar = { "قذائف", "قذيفة" }, en = { "shell", "shells", "artillery round" },
      de = { "granate", "artilleriegranat", "artilleriegeschoss" }, ko = { "포탄" },
      ru = { "снаряд", "артиллерийских снаряд" }, fr = { "obus" },
      es = { "proyectil", "obuses de artillería" }, uk = { "снаряд", "артилерійських снаряд" },
      tr = { "top mermi", "mermi", "topçu mermi" }, ja = { "砲弾" },
    },
  },
  mortars = {
    label = "mortar rounds supplied", kind = "count", measure = "stock", stage = "delivered",
    from = "PRK", to = "RUS", mentions = { "PRK", "RUS" }, others = SUPPLIERS,
    strangers = { "UKR" },
    counted = {
      ar = { "هاون", "قذائف هاون", "قذيفة هاون", "قذائف الهاون" },
      en = { "mortar round", "mortar shell", "mortar bomb", "mortar" },
      de = { "mörsergranat", "mörser" }, ko = { "박격포탄", "박격포" },
      ru = { "миномётных мин", "минометных мин", "миномёт", "миномет" },
      fr = { "obus de mortier", "mortier" }, es = { "proyectiles de mortero", "mortero" },
      uk = { "мінометних мін", "міномет" }, tr = { "havan mermi", "havan topu", "havan" },
      ja = { "迫撃砲弾", "迫撃砲" },
    },
  },
  rockets = {
    label = "rockets for multiple launchers supplied", kind = "count", measure = "stock",
    stage = "delivered", from = "PRK", to = "RUS", mentions = { "PRK", "RUS" },
    others = SUPPLIERS, strangers = { "UKR" },
    counted = {
      ar = { "قذائف صاروخية", "قذيفة صاروخية", "صواريخ غير موجهة", "صاروخ راجمة" },
      en = { "rocket" }, de = { "raketen", "artillerierakete", "raketengeschoss" },
      ko = { "로켓", "로켓탄", "방사포탄" },
      ru = { "реактивных снаряд", "реактивные снаряд", "реактивн" }, fr = { "roquette" },
      es = { "cohete" }, uk = { "реактивних снаряд", "реактивні снаряд", "реактивн" },
      tr = { "roket", "roketler" }, ja = { "ロケット弾", "ロケット" },
    },
  },
  missiles = {
    label = "ballistic missiles supplied", kind = "count", measure = "stock", stage = "delivered",
    from = "PRK", to = "RUS", mentions = { "PRK", "RUS" }, others = SUPPLIERS,
    strangers = { "UKR" },
    counted = {
      ar = { "صواريخ باليستية", "صاروخ باليستي", "صاروخا باليستيا", "الصواريخ الباليستية",
        "باليستي" },
      en = { "ballistic missile", "missile" },
      de = { "ballistische raketen", "ballistischer raketen", "ballistischen raketen",
        "kurzstreckenrakete", "ballistisch" },
      ko = { "탄도미사일", "미사일" },
      ru = { "баллистических ракет", "баллистические ракет", "баллистическ" },
      fr = { "missile" }, es = { "misil" },
      uk = { "балістичних ракет", "балістичні ракет", "балістичн" },
      tr = { "balistik füze", "füzes", "füzele" }, ja = { "弾道ミサイル", "ミサイル" },
    },
  },
  guns = {
    label = "guns and launchers supplied", kind = "count", measure = "stock",
    stage = "delivered", from = "PRK", to = "RUS", mentions = { "PRK", "RUS" },
    others = SUPPLIERS, strangers = { "UKR" },
    counted = {
      ar = { "مدافع", "منصات", "منصة إطلاق", "راجمات" },
      en = { "guns", "launcher", "howitzer", "artillery piece", "artillery system",
        "rocket launcher" },
      de = { "geschütz", "haubitz", "raketenwerfer", "werfer", "abschussrampe" },
      ko = { "화포", "발사대", "자주포", "방사포" },
      ru = { "орудий", "орудия", "гаубиц", "пусковых установок", "установок" },
      fr = { "canon", "canons", "lanceur", "pièces d'artillerie", "lance-roquettes" },
      es = { "cañon", "cañones", "lanzador", "piezas de artillería", "lanzacohetes" },
      uk = { "гармат", "гаубиц", "пускових установок", "установок" },
      tr = { "toplar", "obüs", "roketatar", "fırlatıcı" }, ja = { "火砲", "発射機", "自走砲" },
    },
  },
  soldiers = {
    label = "soldiers sent", kind = "count", measure = "stock", stage = "delivered",
    from = "PRK", to = "RUS", mentions = { "PRK", "RUS" }, needs_hint = true,
    counted = {
      ar = { "جندي", "جنود", "مقاتل", "عسكري", "عنصرا" },
      en = { "soldier", "troops", "fighter", "service member", "servicemen", "personnel" },
      de = { "soldat", "kämpfer", "militärangehörig" }, ko = { "병력", "군인", "북한군", "병사" },
      ru = { "солдат", "военнослужащ", "бойцов", "военных" },
      fr = { "soldat", "militaires", "combattant" }, es = { "soldado", "militares", "combatiente" },
      uk = { "солдат", "військовослужбов", "бійців", "військових" },
      tr = { "asker" , "askeri", "askerin" }, ja = { "兵士", "兵員", "兵を", "将兵" },
    },
    hint = {
      ar = { "أرسل", "إرسال", "نشر", "أوفد" }, en = { "sent", "send", "deploy", "dispatch" },
      de = { "entsand", "entsend", "schickt", "geschickt" }, ko = { "파병", "파견" },
      ru = { "отправ", "направил" }, fr = { "envoyé", "envoi", "dépêch", "déploy" },
      es = { "envió", "enviado", "envío", "despleg" },
      uk = { "відправ" }, tr = { "gönder" }, ja = { "派遣", "派兵" },
    },
    exclude = {
      ar = { "جندي أوكراني", "جندي روسي" }, en = { "ukrainian soldier", "russian soldier" },
      de = { "ukrainische soldat", "russische soldat" }, ru = { "украинских", "российских военн" },
      uk = { "українських військ", "російських військ" },
    },
  },
  killed = {
    label = "North Korean soldiers killed", kind = "count", measure = "stock",
    stage = "observed", mentions = { "PRK" }, beats = { "soldiers" }, anchor = TROOPS,
    origins = { "NIS", "NKNEWS" },
    near = {
      ar = { "قتلوا", "قتل", "مقتل", "قتيل", "قتيلا", "القتلى", "قتلى", "لقوا حتفهم", "مصرع" },
      en = { "killed", "died", "dead", "death", "fatalit", "lost their lives", "perished" },
      de = { "getötet", "gefallen", "tote", "toten", "todesopfer", "starben", "ums leben" },
      ko = { "전사", "사망", "숨진", "숨졌" },
      ru = { "убит", "убиты", "погиб", "потеряли убитыми" },
      fr = { "tués", "tué", "morts", "mort au combat", "décès" },
      es = { "muerto", "muertos", "murieron", "fallec", "caído" },
      uk = { "вбит", "убит", "загиб", "загинул" },
      tr = { "öldü", "öldürül", "ölen", "ölü", "hayatını kaybe", "can kayb" },
      ja = { "戦死", "死亡", "死者" },
    },
    exclude = {
      ar = { "مدنيين", "جندي أوكراني", "جندي روسي" },
      en = { "civilian", "ukrainian soldier", "russian soldier" },
      de = { "zivilist", "ukrainische soldat", "russische soldat" }, ko = { "민간인" },
      ru = { "мирных жител" }, fr = { "civils" }, es = { "civiles" }, uk = { "цивільн" },
      tr = { "sivil" }, ja = { "民間人" },
    },
  },
  wounded = {
    label = "North Korean soldiers wounded", kind = "count", measure = "stock",
    stage = "observed", mentions = { "PRK" }, beats = { "soldiers" }, anchor = TROOPS,
    origins = { "NIS", "NKNEWS" },
    near = {
      ar = { "جريح", "جريحا", "جرحى", "أصيب", "إصابة" }, en = { "wounded", "injured" },
      de = { "verletzt", "verwundet" }, ko = { "부상" }, ru = { "ранен" }, fr = { "blessé" },
      es = { "herido" }, uk = { "поранен" }, tr = { "yaralan", "yaralı" }, ja = { "負傷" },
    },
    exclude = { en = { "civilian" }, de = { "zivilist" } },
  },
  casualties = {
    label = "North Korean soldiers killed and wounded", kind = "count", measure = "stock",
    stage = "observed", mentions = { "PRK" }, beats = { "soldiers" }, anchor = TROOPS,
    origins = { "NIS", "NKNEWS" },
    near = {
      ar = { "بين قتيل وجريح", "قتيل وجريح", "قتيلا وجريحا", "القتلى والجرحى", "خسائر" },
      en = { "casualt", "killed or wounded", "killed and wounded", "killed or injured",
        "killed and injured", "dead and wounded", "losses" },
      de = { "tote und verletzte", "tote und verwundete", "tote oder verletzte",
        "getötet oder verletzt", "getötet oder verwundet", "toten und verletzten", "verluste" },
      ko = { "사상자", "사상" }, ru = { "убитыми и ранеными", "убитых и раненых", "потери" },
      fr = { "tués ou blessés", "tués et blessés", "morts et blessés", "pertes" },
      es = { "muertos y heridos", "muertos o heridos", "bajas" },
      uk = { "вбитими й пораненими", "убитих і поранених", "втрати" },
      tr = { "ölü ve yaralı", "ölü veya yaralı", "zayiat" }, ja = { "死傷" },
    },
    exclude = { en = { "civilian" }, de = { "zivilist" } },
  },
}

local STUDY = {
  ar = { "دراسة", "تقرير", "مؤسسة", "باحثون" },
  en = { "study", "report", "foundation", "authors", "researchers" },
  de = { "studie", "stiftung", "bericht", "autoren", "untersuchung" },
  ko = { "보고서", "재단", "연구" }, ru = { "фонд", "фонда", "исследовани", "доклад", "автор" },
  fr = { "étude", "fondation", "rapport", "auteurs" },
  es = { "estudio", "fundación", "informe", "autores" },
  uk = { "фонд", "фонду", "дослідженн", "доповід", "автор" },
  tr = { "vakıf", "vakfa", "vakfı", "araştırma", "rapor" }, ja = { "財団", "報告書", "研究" },
}

--- What a sentence says when it means the edition before the current one.
local PREVIOUS = {
  ar = { "الإصدار السابق", "النسخة السابقة", "الدراسة السابقة", "العام الماضي", "الطبعة السابقة" },
  en = { "previous edition", "earlier edition", "last year's", "previous study",
    "earlier study", "a year ago", "a year earlier" },
  de = { "vorjahr", "vorherigen ausgabe", "früheren ausgabe", "letzten ausgabe",
    "vorigen ausgabe", "ein jahr zuvor" },
  ko = { "지난해 보고서", "이전 보고서", "작년 보고서", "전년" },
  ru = { "предыдущем", "предыдущего", "прошлогодн", "годом ранее", "год назад" },
  fr = { "édition précédente", "précédente édition", "l'an dernier", "un an plus tôt" },
  es = { "edición anterior", "estudio anterior", "año pasado", "un año antes" },
  uk = { "попередньому", "попереднього", "торішн", "минулорічн", "рік тому" },
  tr = { "önceki araştırma", "önceki baskı", "geçen yılki", "bir yıl önce" },
  ja = { "前回の報告書", "昨年の報告書", "前年版", "前年の" },
}

local MEASURED = {
  "arms_value", "comp_value", "shells", "mortars", "rockets", "missiles", "guns", "soldiers",
}

--- Editions of one study. A document means the last edition that was out when it appeared,
--- unless its sentence says otherwise: `words` name the edition, `previous` the one before.
--- `generic` are words by which a text means the publisher once it has been named.
local works = {
  ["fnf-2024"] = {
    title = "Study of North Korea's support for Russia, 2024 edition",
    publisher = "FNF", issued = "2024-10-28",
    topics = { "arms_value", "shells", "missiles", "soldiers" },
    words = {
      all = { "Putin's Partner" }, ar = { "دراسة عام 2024", "دراسة 2024", "نسخة 2024" },
      en = { "2024 edition", "2024 study", "2024 report", "study of 2024" },
      de = { "ausgabe 2024", "ausgabe von 2024", "studie von 2024", "studie aus dem jahr 2024" },
      ko = { "2024년 보고서", "2024년판" }, ru = { "исследовании 2024", "издании 2024" },
      fr = { "édition 2024", "étude de 2024" }, es = { "edición de 2024", "estudio de 2024" },
      uk = { "дослідженні 2024", "виданні 2024" }, tr = { "2024 araştırması", "2024 baskısı" },
      ja = { "2024年版", "2024年の報告書" },
    },
    previous = PREVIOUS, generic = STUDY,
  },
  ["fnf-2025"] = {
    title = "Study of North Korea's support for Russia, 2025 edition",
    publisher = "FNF", issued = "2025-09", topics = MEASURED,
    words = {
      ar = { "دراسة عام 2025", "دراسة 2025", "نسخة 2025" },
      en = { "2025 edition", "2025 study", "2025 report", "study of 2025" },
      de = { "ausgabe 2025", "ausgabe von 2025", "studie von 2025" },
      ko = { "2025년 보고서", "2025년판" }, ru = { "исследовании 2025", "издании 2025" },
      fr = { "édition 2025", "étude de 2025" }, es = { "edición de 2025", "estudio de 2025" },
      uk = { "дослідженні 2025", "виданні 2025" }, tr = { "2025 araştırması", "2025 baskısı" },
      ja = { "2025年版", "2025年の報告書" },
    },
    previous = PREVIOUS, generic = STUDY,
  },
}

--- Names by language; `stems` are further forms that only help to find the name; `generic`
--- are words by which a text means the entity once it has named it.
local entities = {
  PRK = {
    kind = "country", name = "North Korea", iso3 = "PRK", wikidata = "Q423",
    aliases = {
      ar = { "كوريا الشمالية", "بيونغ يانغ" }, en = { "North Korea", "Pyongyang", "DPRK" },
      de = { "Nordkorea", "Pjöngjang" }, ko = { "북한", "평양" },
      ru = { "Северная Корея", "КНДР", "Пхеньян" }, fr = { "Corée du Nord", "Pyongyang" },
      es = { "Corea del Norte", "Pionyang" }, uk = { "Північна Корея", "КНДР", "Пхеньян" },
      tr = { "Kuzey Kore", "Pyongyang" }, ja = { "北朝鮮", "平壌" },
    },
    stems = {
      ar = { "كوري شمالي", "الكورية الشمالية", "الكوريين الشماليين" }, de = { "nordkorean" },
      ru = { "северокорей", "северной коре", "северную коре" }, fr = { "nord-coréen" },
      es = { "norcorean" }, uk = { "північнокорей", "північної коре", "північній коре" },
      ko = { "북한군" },
    },
  },
  RUS = {
    kind = "country", name = "Russia", iso3 = "RUS", wikidata = "Q159",
    aliases = {
      ar = { "روسيا", "موسكو", "الكرملين" }, en = { "Russia", "Moscow", "Kremlin" },
      de = { "Russland", "Moskau", "Kreml" }, ko = { "러시아", "모스크바" },
      ru = { "Россия", "Москва", "Кремль" }, fr = { "Russie", "Moscou", "Kremlin" },
      es = { "Rusia", "Moscú", "Kremlin" }, uk = { "Росія", "Москва", "Кремль" },
      tr = { "Rusya", "Moskova", "Kremlin" }, ja = { "ロシア", "モスクワ", "クレムリン" },
    },
    stems = {
      ar = { "روسي", "الروسية" }, de = { "russisch" }, ru = { "росси", "москв", "кремл" },
      fr = { "russe", "russes" }, es = { "rusos", "rusas" },
      uk = { "росі", "росії", "росією", "російськ", "москв", "кремл" },
    },
  },
  KOR = {
    kind = "country", name = "South Korea", iso3 = "KOR", wikidata = "Q884",
    aliases = {
      ar = { "كوريا الجنوبية", "سيول" }, en = { "South Korea", "Seoul" },
      de = { "Südkorea", "Seoul" }, ko = { "한국", "서울" },
      ru = { "Южная Корея", "Сеул" }, fr = { "Corée du Sud", "Séoul" },
      es = { "Corea del Sur", "Seúl" }, uk = { "Південна Корея", "Сеул" },
      tr = { "Güney Kore", "Seul" }, ja = { "韓国", "ソウル" },
    },
    stems = {
      ar = { "كوري جنوبي" }, de = { "südkorean" }, ru = { "южнокорей", "южной коре" },
      fr = { "sud-coréen" }, es = { "surcorean" }, uk = { "південнокорей", "південної коре" },
    },
  },
  UKR = {
    kind = "country", name = "Ukraine", iso3 = "UKR", wikidata = "Q212",
    aliases = {
      ar = { "أوكرانيا", "كييف" }, en = { "Ukraine", "Kyiv" }, de = { "Ukraine", "Kiew" },
      ko = { "우크라이나" }, ru = { "Украина", "Киев" }, fr = { "Ukraine", "Kiev" },
      es = { "Ucrania", "Kiev" }, uk = { "Україна", "Київ" }, tr = { "Ukrayna", "Kiev" },
      ja = { "ウクライナ" },
    },
    stems = { ru = { "украин" }, uk = { "україн", "києв" } },
  },
  IRN = {
    kind = "country", name = "Iran", iso3 = "IRN", wikidata = "Q794",
    aliases = {
      ar = { "إيران" }, en = { "Iran", "Tehran" }, de = { "Iran", "Teheran" }, ko = { "이란" },
      ru = { "Иран", "Тегеран" }, fr = { "Iran", "Téhéran" }, es = { "Irán", "Teherán" },
      uk = { "Іран", "Тегеран" }, tr = { "İran", "Tahran" }, ja = { "イラン" },
    },
    stems = { ru = { "ирана", "иранск" }, uk = { "ірану", "іранськ" }, en = { "iranian" },
      de = { "irans", "iranisch" }, tr = { "iran'" } },
  },
  CHN = {
    kind = "country", name = "China", iso3 = "CHN", wikidata = "Q148",
    aliases = {
      ar = { "الصين", "بكين" }, en = { "China", "Beijing" }, de = { "China", "Peking" },
      ko = { "중국" }, ru = { "Китай", "Пекин" }, fr = { "Chine", "Pékin" },
      es = { "China", "Pekín" }, uk = { "Китай", "Пекін" }, tr = { "Çin" }, ja = { "中国" },
    },
    stems = { ru = { "китая", "китайск" }, uk = { "китаю", "китайськ" }, tr = { "çin'" } },
  },
  USA = {
    kind = "country", name = "United States", iso3 = "USA", wikidata = "Q30",
    aliases = {
      ar = { "الولايات المتحدة", "واشنطن" }, en = { "United States", "Washington" },
      de = { "Vereinigte Staaten", "Washington", "USA" }, ko = { "미국", "워싱턴" },
      ru = { "США", "Вашингтон" }, fr = { "États-Unis", "Washington" },
      es = { "Estados Unidos", "Washington" }, uk = { "США", "Вашингтон" },
      tr = { "Amerika Birleşik Devletleri", "ABD" }, ja = { "米国", "アメリカ" },
    },
  },
  FNF = {
    kind = "organization", name = "Friedrich Naumann Foundation",
    aliases = {
      ar = { "مؤسسة فريدريش ناومان" }, en = { "Friedrich Naumann Foundation" },
      de = { "Friedrich-Naumann-Stiftung" }, ko = { "프리드리히 나우만 재단" },
      ru = { "Фонд Фридриха Науманна" }, fr = { "fondation Friedrich-Naumann" },
      es = { "Fundación Friedrich Naumann" }, uk = { "Фонд Фрідріха Науманна" },
      tr = { "Friedrich Naumann Vakfı" }, ja = { "フリードリヒ・ナウマン財団" },
    },
    stems = {
      ar = { "فريدريش ناومان", "فريدريش نومان" },
      en = { "naumann foundation", "friedrich naumann" },
      de = { "naumann-stiftung" }, ko = { "나우만" }, ru = { "науманна", "фридриха науман" },
      fr = { "friedrich-naumann" }, uk = { "науманна" }, ja = { "ナウマン" },
    },
  },
  NIS = {
    kind = "organization", name = "National Intelligence Service of South Korea",
    aliases = {
      ar = { "جهاز الاستخبارات الوطني", "وكالة الاستخبارات الوطنية" },
      en = { "National Intelligence Service" }, de = { "Nationaler Geheimdienst Südkoreas" },
      ko = { "국가정보원", "국정원" }, ru = { "Национальная служба разведки" },
      fr = { "Service national du renseignement" }, es = { "Servicio Nacional de Inteligencia" },
      uk = { "Національна розвідувальна служба" }, tr = { "Ulusal İstihbarat Servisi" },
      ja = { "国家情報院" },
    },
    stems = {
      ar = { "جهاز الاستخبارات", "الاستخبارات الكورية الجنوبية",
        "جهاز الاستخبارات الوطني في كوريا الجنوبية" },
      en = { "south korea's national intelligence service", "south korea's spy agency",
        "south korean intelligence", "seoul's spy agency", "NIS" },
      de = { "südkoreanischen geheimdienst", "südkoreanische geheimdienst",
        "südkoreanischer geheimdienst", "südkoreas geheimdienst", "geheimdienst nis",
        "geheimdienstes nis", "NIS" },
      ru = { "национальной службы разведки", "южнокорейской разведк", "разведка южной кореи" },
      fr = { "renseignement sud-coréen", "services sud-coréens" },
      es = { "inteligencia surcorean", "inteligencia de corea del sur" },
      uk = { "національної розвідувальної служби", "південнокорейської розвідк" },
      tr = { "güney kore istihbarat" }, ja = { "韓国の情報機関" },
    },
    generic = {
      ar = { "الجهاز", "جهاز الاستخبارات" }, en = { "service", "agency", "spy agency" },
      de = { "Geheimdienst", "Dienst" }, ko = { "정보기관" }, ru = { "разведка", "служба" },
      fr = { "service", "agence" }, es = { "servicio", "agencia" }, uk = { "розвідка", "служба" },
      tr = { "servis" }, ja = { "情報機関" },
    },
  },
  NKNEWS = {
    kind = "outlet", name = "NK News",
    aliases = {
      ar = { "إن كيه نيوز", "إن كي نيوز" }, en = { "NK News" }, ko = { "NK뉴스" },
      ja = { "NKニュース" },
    },
  },
}

--- Words that open a clause of their own, beside the punctuation.
local breaks = {
  ar = { "أما", "بينما", "في حين", "فيما", "لكن", "غير أن", "إلا أن" },
  en = { "but", "while", "whereas", "although", "in return", "yet" },
  de = { "aber", "während", "dagegen", "hingegen", "jedoch", "sondern" },
  ko = { "반면", "그러나", "다만" }, ru = { "тогда как", "однако", "но", "а", "взамен" },
  fr = { "mais", "tandis que", "alors que", "contre" },
  es = { "pero", "mientras que", "en cambio" }, uk = { "тоді як", "однак", "але", "натомість" },
  tr = { "ancak", "ama", "buna karşılık" }, ja = { "一方", "しかし", "ただ" },
}

--- Words that join two of a kind.
local joins = {
  en = { "and" }, de = { "und" }, ru = { "и" }, fr = { "et" }, es = { "y" },
  uk = { "і", "й", "та" }, tr = { "ve" },
}

return {
  topics = topics, works = works, entities = entities, breaks = breaks, joins = joins,
  --- particles at the front of a word that join it to what went before
  fronts = { ar = { "و" } },
  --- how much a word counts that follows its figure (1: as much as one before it)
  following = { ar = 0.6, ko = 1, ja = 1, tr = 1 },
}
