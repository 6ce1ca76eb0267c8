-- Tests of scripts/lib/topics.lua with the data of scripts/partnership/topics.lua.
-- Run as: lua5.4 tests/lua/topics_test.lua   (prints "N passed, N failed")
-- luacheck: no max line length

local here = arg[0]:match("^(.*)/tests/lua/[^/]*$") or "."
package.path = here .. "/scripts/lib/?.lua;" .. package.path

local topics = require "topics"
local data = dofile(here .. "/scripts/partnership/topics.lua")
local case = topics.new(data)

local passed, failed = 0, 0

local function check(name, got, expected)
  if got == expected then
    passed = passed + 1
  else
    failed = failed + 1
    print(("FAILED %s: expected %s, got %s"):format(name, tostring(expected), tostring(got)))
  end
end

--- A document in two parts: a lead that names the parties and the study, and the sentence
--- under test; the figure is the marked [[…]] part of it.
local LEAD = {
  en = "The Friedrich Naumann Foundation looks at North Korea and Russia. ",
  de = "Die Friedrich-Naumann-Stiftung betrachtet Nordkorea und Russland. ",
  ar = "تنظر مؤسسة فريدريش ناومان في علاقة كوريا الشمالية مع روسيا. ",
  fr = "La fondation Friedrich-Naumann étudie la Corée du Nord et la Russie. ",
  ko = "프리드리히 나우만 재단은 북한과 러시아를 살폈다. ",
  ru = "Фонд Фридриха Науманна изучил связи КНДР и России. ",
}

local function assign(marked, options)
  local o = options or {}
  local lang = o.lang or "en"
  local open, close = marked:find("[[", 1, true), marked:find("]]", 1, true)
  local surface = marked:sub(open + 2, close - 1)
  local sentence = marked:sub(1, open - 1) .. surface .. marked:sub(close + 2)
  local lead = o.lead or LEAD[lang]
  local fig = {
    kind = o.kind or "money", unit = o.unit, counted = o.counted, source = o.source, lang = lang,
    per = o.per, same_as = o.same_as, hedge = o.hedge, change = o.change, start = #lead + open - 1,
    end_ = #lead + open - 1 + #surface, sentence = { #lead, #lead + #sentence },
  }
  local doc = { lang = lang, published = o.published or "2025-10-01" }
  return case:assign(fig, sentence, lead .. sentence, doc)
end

local function topic(name, expected, marked, options)
  check(name, (assign(marked, options)), expected)
end

local function count(name, expected, counted, marked, lang)
  topic(name, expected, marked, { kind = "count", counted = counted, lang = lang })
end

-- both flows in one sentence
topic("en but, first", "arms_value",
  "Pyongyang delivered weapons worth [[up to 9.8 billion dollars]] but received only between 457 million and 1.19 billion.")
topic("en but, second", "comp_value",
  "Pyongyang delivered weapons worth up to 9.8 billion dollars but received only [[between 457 million and 1.19 billion]].")
topic("en and, first", "arms_value",
  "The study puts the arms at [[5.6 to 9.8 billion dollars]] and the compensation at 457 million to 1.19 billion.")
topic("en and, second", "comp_value",
  "The study puts the arms at 5.6 to 9.8 billion dollars and the compensation at [[457 million to 1.19 billion]].")
topic("en return first", "comp_value",
  "In return for weapons worth up to 9.8 billion dollars, Pyongyang received [[no more than 1.19 billion]].")
topic("en return first, the arms", "arms_value",
  "In return for weapons worth [[up to 9.8 billion dollars]], Pyongyang received no more than 1.19 billion.")
topic("en russia paid", "comp_value",
  "Russia paid [[between 457 million and 1.19 billion dollars]] for weapons worth up to 9.8 billion.")
topic("en russia paid, the arms", "arms_value",
  "Russia paid between 457 million and 1.19 billion dollars for weapons worth [[up to 9.8 billion]].")
topic("de aber, first", "arms_value",
  "Das Land lieferte Waffen im Wert von [[bis zu 9,8 Milliarden Dollar]], erhielt aber nur zwischen 457 Millionen und 1,19 Milliarden.",
  { lang = "de" })
topic("de aber, second", "comp_value",
  "Das Land lieferte Waffen im Wert von bis zu 9,8 Milliarden Dollar, erhielt aber nur [[zwischen 457 Millionen und 1,19 Milliarden]].",
  { lang = "de" })
topic("ar, first", "arms_value",
  "بلغت قيمة الأسلحة التي سلمتها بيونغ يانغ [[نحو 9.8 مليار دولار]]، بينما حصلت في المقابل على ما بين 457 مليون و1.19 مليار دولار.",
  { lang = "ar" })
topic("ar, second", "comp_value",
  "بلغت قيمة الأسلحة التي سلمتها بيونغ يانغ نحو 9.8 مليار دولار، بينما حصلت في المقابل على [[ما بين 457 مليون و1.19 مليار دولار]].",
  { lang = "ar" })
topic("fr, first", "arms_value",
  "Pyongyang a livré des armes pour [[9,8 milliards de dollars]] et n’a reçu que 1,2 milliard en échange.",
    { lang = "fr" })
topic("fr, second", "comp_value",
  "Pyongyang a livré des armes pour 9,8 milliards de dollars et n’a reçu que [[1,2 milliard]] en échange.",
    { lang = "fr" })
topic("ko, first", "arms_value",
  "북한은 [[최대 98억달러]] 상당의 무기를 제공했지만, 대가로 받은 것은 11억9000만달러에 그쳤다.", { lang = "ko" })
topic("ko, second", "comp_value",
  "북한은 최대 98억달러 상당의 무기를 제공했지만, 대가로 받은 것은 [[11억9000만달러]]에 그쳤다.", { lang = "ko" })
topic("ru, first", "arms_value",
  "Пхеньян поставил оружия на [[9,8 млрд долларов]], а взамен получил не более 1,19 млрд.",
    { lang = "ru" })
topic("ru, second", "comp_value",
  "Пхеньян поставил оружия на 9,8 млрд долларов, а взамен получил [[не более 1,19 млрд]].",
    { lang = "ru" })

-- what must not become a topic
topic("another giver", nil,
  "Iran had supplied drones and other weapons worth [[1.7 billion dollars]].")
topic("another giver beside the own, his", nil,
  "While Iran supplied weapons worth [[1.7 billion dollars]], North Korea shipped shells worth 5.6 billion.")
topic("another giver beside the own, ours", "arms_value",
  "While Iran supplied weapons worth 1.7 billion dollars, North Korea shipped weapons worth [[5.6 billion]].")
topic("a stranger alone", nil,
  "Ukraine received weapons worth [[3 billion dollars]] from its partners.")
topic("trade volume", nil, "Bilateral trade and arms deliveries rose to [[52.9 million dollars]].")
topic("another exporter", nil, "South Korea exported arms worth [[17 billion dollars]].")
topic("pay of soldiers", nil, "Each soldier is paid [[2,000 dollars]].")
topic("ar and, first", "arms_value",
  "صدّرت كوريا الشمالية أسلحة إلى روسيا تقدر قيمتها [[بنحو 9.8 مليارات دولار]] وتلقت مقابلها نفطا.",
  { lang = "ar" })
topic("es", "comp_value", "Rusia habría compensado a Pionyang con [[1.190 millones de dólares]].",
  { lang = "es", lead = "La Fundación Friedrich Naumann: Corea del Norte y Rusia. " })
topic("ja", "comp_value", "ロシアからの見返りは[[最大11億9000万ドル]]だった。",
  { lang = "ja", lead = "フリードリヒ・ナウマン財団は北朝鮮とロシアを調べた。" })
topic("tr", "comp_value", "Moskova'nın ödediği karşılık [[457 milyon dolar]] oldu.",
  { lang = "tr", lead = "Friedrich Naumann Vakfı: Kuzey Kore ve Rusya. " })
topic("uk", "comp_value", "Натомість Росія заплатила [[1,19 млрд доларів]].",
  { lang = "uk", lead = "Фонд Фрідріха Науманна: КНДР і Росія. " })
topic("a language without words of its own", "arms_value",
  "North Korea delivered weapons worth [[2 billion dollars]].", { lang = "xx", lead = LEAD.en })
topic("a conversion by its brackets", nil,
  "The weapons are worth 9.8 billion dollars (about [[8.3 billion euros]]).", { unit = "EUR" })
topic("a conversion by its link", nil,
  "The weapons are worth 9.8 billion dollars, [[8.3 billion euros]].",
  { unit = "EUR", same_as = { 0, 1 } })
topic("the main currency in brackets", "arms_value",
  "The weapons delivered (worth [[9.8 billion dollars]]) arrived.", { unit = "USD" })
topic("a rate", nil,
  "North Korea delivers weapons worth [[2 billion dollars]] a year.", { per = "year" })
topic("a plan", nil,
  "North Korea may deliver weapons worth [[2 billion dollars]].", { hedge = "planned" })
topic("a rise", nil, "Weapon deliveries rose by [[2 billion dollars]].", { change = "up_by" })
topic("nothing near", nil, "A bridge near the town will cost [[2 billion dollars]].",
  { lead = "North Korea and Russia are far away. " })
topic("a time", nil, "Weapons have been delivered since [[2023]].", { kind = "time" })
topic("no party in the document", nil, "The weapons are worth [[2 billion dollars]].",
  { lead = "A quiet day. " })
topic("troops, not arms", nil,
  "Durch die Entsendung von Truppen könnten die Einnahmen um [[Hunderte Millionen Dollar]] wachsen.",
  { lang = "de", lead = LEAD.de .. "Die Waffenlieferungen gehen weiter. " })

-- counts
count("shells", "shells", "artillery shells",
  "It sent [[5.7 million]] artillery shells and 1.05 million mortar rounds.")
count("mortars", "mortars", "mortar rounds",
  "It sent 5.7 million artillery shells and [[1.05 million]] mortar rounds.")
count("mortar shells", "mortars", "mortar shells", "It sent [[1.05 million]] mortar shells.")
count("missiles", "missiles", "ballistische Raketen",
  "Dazu kommen [[bis zu 248]] ballistische Raketen.", "de")
count("rockets", "rockets", "Raketen", "Dazu kommen [[649.640]] Raketen.", "de")
count("guns", "guns", "guns and launchers", "[[479 to 794]] guns and launchers came on top.")
count("ar shells", "shells", "القذائف المدفعية", "وصلت [[ملايين]] القذائف المدفعية.", "ar")
count("ar guns", "guns", "المدافع", "وصلت [[مئات]] المدافع إلى روسيا.", "ar")
count("ko mortars", "mortars", "박격포탄", "박격포탄은 [[105만발]]이었다.", "ko")
count("ru rockets", "rockets", "реактивных снарядов",
  "Насчитали [[649 640]] реактивных снарядов.", "ru")
count("soldiers", "soldiers", "soldiers",
  "Of the [[15,000]] soldiers sent, about 2,000 were killed.")
count("killed of them", "killed", nil, "Of the 15,000 soldiers sent, [[about 2,000]] were killed.")
count("soldiers killed", "killed", "North Korean soldiers",
  "At least [[100]] North Korean soldiers have been killed.")
count("killed, wounded: first", "killed", nil,
  "[[300]] killed and 2,700 wounded, Seoul said of North Korea.")
count("killed, wounded: second", "wounded", nil,
  "300 killed and [[2,700]] wounded, Seoul said of North Korea.")
count("of casualties: dead", "killed", nil,
  "Pyongyang has [[600]] dead among 4,700 casualties.")
count("of casualties: all", "casualties", "casualties",
  "Pyongyang has 600 dead among [[4,700]] casualties.")
count("killed or wounded", "casualties", "soldiers",
  "[[About 3,000]] soldiers were killed or wounded.")
count("ar casualties", "casualties", nil,
  "بلغت خسائر كوريا الشمالية [[4,700]] بين قتيل وجريح.", "ar")
count("ar killed", "killed", "جندي", "قُتل [[نحو 600]] جندي من كوريا الشمالية.", "ar")
count("dead of another place", nil, "شخص", "وقالت إن [[2000]] شخص قتلوا في غزة.", "ar")
count("dead without any tie", nil, "people", "A flood left [[300]] people dead.")
count("soldiers, not sent", nil, "soldiers", "The parade showed [[10,000]] soldiers.")
count("ar and, first", "shells", "القذائف",
  "قدمت بيونغ يانغ [[ملايين]] القذائف ومئات المدافع.", "ar")
count("ar and, second", "guns", "المدافع",
  "قدمت بيونغ يانغ ملايين القذائف [[ومئات]] المدافع.", "ar")
count("others' dead", nil, "Ukrainian soldiers", "[[500]] Ukrainian soldiers were killed.")

-- parties, works, origins
local function whole(name, marked, options, expected)
  local got = table.pack(assign(marked, options))
  for i, part in ipairs { "topic", "from", "to", "work", "origin" } do
    check(name .. ": " .. part, got[i], expected[i] or nil)
  end
end

local STUDY = { { name = "study", role = "origin" } }
local NIS = {
  { name = "NK News", role = "outlet" },
  { name = "South Korea's National Intelligence Service", role = "origin" },
}
local ARMS = "North Korea delivered weapons worth [[up to 9.8 billion dollars]]."
whole("current edition", ARMS, { source = STUDY }, { "arms_value", "PRK", "RUS", "fnf-2025", "FNF" })
whole("no speaker in the sentence", ARMS, {}, { "arms_value", "PRK", "RUS", "fnf-2025", "FNF" })
whole("older document", ARMS, { source = STUDY, published = "2024-11-02T08:00:00Z" },
  { "arms_value", "PRK", "RUS", "fnf-2024", "FNF" })
whole("before any edition", ARMS, { published = "2023-01-01" }, { "arms_value", "PRK", "RUS" })
whole("edition by year", "In its 2024 edition the study valued the weapons at [[1.7 to 5.5 billion dollars]].",
  { source = STUDY }, { "arms_value", "PRK", "RUS", "fnf-2024", "FNF" })
whole("edition before", "Im Vorjahr hatte die Stiftung die Waffen auf [[1,7 bis 5,5 Milliarden Dollar]] geschätzt.",
  { lang = "de", source = { { name = "Stiftung", role = "origin" } } },
  { "arms_value", "PRK", "RUS", "fnf-2024", "FNF" })
whole("compensation", "In return it received [[no more than 1.19 billion dollars]].",
  { source = STUDY },
  { "comp_value", "RUS", "PRK", "fnf-2025", "FNF" })
whole("another speaker", ARMS, { source = { { name = "Ministry of Defence", role = "origin" } } },
  { "arms_value", "PRK", "RUS", false, false })
whole("another speaker, not marked as source",
  "According to South Korea's spy agency, North Korea has shipped arms worth [[20 billion dollars]].",
  {}, { "arms_value", "PRK", "RUS", false, "NIS" })
whole("another study", ARMS, { source = { { name = "study of the University of Oslo", role = "origin" } } },
  { "arms_value", "PRK", "RUS", false, false })
whole("chain of two", "NK News quotes the service: [[about 2,000]] North Korean soldiers killed.",
  { kind = "count", counted = "North Korean soldiers", source = NIS }, { "killed", false, false, false, "NIS" })
whole("outlet alone", "[[About 2,000]] North Korean soldiers were killed, NK News wrote.",
  { kind = "count", source = { { name = "NK News", role = "outlet" } } },
  { "killed", false, false, false, "NKNEWS" })
whole("the service, named before", "The service spoke of [[about 600]] dead.",
  { kind = "count", source = { { name = "service", role = "origin" } },
    lead = "The National Intelligence Service briefed on North Korea. " },
  { "killed", false, false, false, "NIS" })
whole("misprinted currency keeps its topic", "North Korea delivered weapons worth [[9.8 billion won]].",
  { unit = "KRW", source = STUDY }, { "arms_value", "PRK", "RUS", "fnf-2025", "FNF" })
whole("not cited", ARMS, { lead = "North Korea and Russia again. " }, { "arms_value", "PRK", "RUS" })

check("folding", topics.fold("Pjöngjang ÉTÉ КНДР Ґ الأسلحةُ İran ŞİŞ’s"),
  "pjöngjang été кндр ґ الاسلحه iran şiş's")
check("text that is not UTF-8", (case:assign({ kind = "money", start = 2, end_ = 3 }, "a\xffb", "a\xffb", {})), nil)
topics.use(data)
check("module form", (topics.assign({ kind = "time" }, "2023", "2023", {})), nil)

-- the demo site: every gold row gets its topic, work and origin --------------------------

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("a")
  file:close()
  return text
end

local function from_1251(bytes)
  local special = { [0x96] = 0x2013, [0x97] = 0x2014, [0xAB] = 0xAB, [0xBB] = 0xBB, [0xA0] = 0xA0,
    [0xA8] = 0x401, [0xB8] = 0x451, [0xB7] = 0xB7 }
  return (bytes:gsub("[\x80-\xff]", function(char)
    local byte = char:byte()
    return utf8.char(byte >= 0xC0 and byte + 0x350 or special[byte] or 0xFFFD)
  end))
end

--- The paragraphs of a page, joined: enough for a test that knows the site.
local function article_text(html)
  local out = {}
  for paragraph in html:gmatch("<p[^>]*>(.-)</p>") do
    if #paragraph > 125 then
      paragraph = paragraph:gsub("<[^>]*>", ""):gsub("%s+", " ")
      paragraph = paragraph:gsub("&nbsp;", "\u{A0}"):gsub("&#8239;", "\u{202F}")
      out[#out + 1] = paragraph
    end
  end
  return table.concat(out, "\n")
end

--- The sentence around a byte range: between full stops that end one.
local function sentence_around(text, first, last)
  local from, to = 0, #text
  local at = 1
  while true do
    local s, e = text:find("[.?!]%s", at)
    local js, je = text:find("。", at, true)
    if js and (not s or js < s) then
      s, e = je, je
    end
    if not s then
      break
    end
    if e < first then
      from = e
    elseif s >= last then
      to = s
      break
    end
    at = e + 1
  end
  return from, to
end

local function source_of(text)
  local hops = {}
  for hop in (text .. " > "):gmatch("(.-) > ") do
    local name, role = hop:match("^(.*)/(%a+)$")
    if name then
      hops[#hops + 1] = { name = name, role = role }
    end
  end
  return hops
end

local positions = {}
for line in read(here .. "/scripts/partnership/expected.tsv"):gmatch("[^\n]+") do
  local cell = {}
  for value in (line .. "\t"):gmatch("([^\t]*)\t") do
    cell[#cell + 1] = value
  end
  local page = cell[1]
  if #cell == 13 and page ~= "page" and not page:find("sanabil", 1, true) then
    local html = read(here .. "/scripts/partnership/site/" .. page)
    if html:find("windows-1251", 1, true) then
      html = from_1251(html)
    end
    local text = article_text(html)
    local start, stop = text:find(cell[13], positions[page] or 1, true)
    check(page .. ": " .. cell[13] .. " stands in the page", start ~= nil, true)
    if start then
      positions[page] = stop + 1
      local from, to = sentence_around(text, start, stop)
      local fig = {
        kind = cell[3], bound = cell[4], unit = cell[6] ~= "" and cell[6] or nil, lang = cell[2], start = start - 1,
        end_ = stop, sentence = { from, to }, source = source_of(cell[9]),
        counted = cell[7] ~= "" and cell[7] or nil,
      }
      local doc = { lang = cell[2], published = html:match('datetime="([^"]*)"') }
      local got = table.pack(case:assign(fig, text:sub(from + 1, to), text, doc))
      check(page .. ": " .. cell[13] .. ": topic", got[1] or "", cell[10])
      check(page .. ": " .. cell[13] .. ": work", got[4] or "", cell[11])
      check(page .. ": " .. cell[13] .. ": origin", got[5] or "", cell[12])
      -- an extractor that finds neither noun nor speaker still gets the topic right
      if cell[3] == "money" then
        fig.source = nil
        check(page .. ": " .. cell[13] .. ": bare", (case:assign(fig, text:sub(from + 1, to), text, doc)) or "", cell[10])
      end
    end
  end
end

print(("%d passed, %d failed"):format(passed, failed))
os.exit(failed == 0)
