--- Which topic a figure belongs to: what it measures, from whom to whom, by which work,
--- said first by whom. The words stand in a data table (see partnership/topics.lua);
--- this file knows no topic, no language and no country.
---
---     local topics = require "topics"
---     local case = topics.new(require "partnership.topics")
---     local topic, from, to, work, origin = case:assign(fig, sentence, text, doc)
---
--- fig       kind, bound, unit, counted, per, change, hedge, same_as, lang, start, end_,
---           sentence = { s, e }, source = { { name, role }, … } (all but kind may be nil);
---           offsets are bytes of `text`, counted from 0, half open
--- sentence  the sentence; text: the whole document; doc: lang, published (ISO 8601 text)
---
--- Every answer may be nil: a topic only when its words stand near the figure, nearer than
--- those of any other topic; a work only when the document cites it; an origin only when
--- it is a known entity. Precision goes before completeness.
---
--- Pure Lua 5.4; of the string library only find (plain), sub and lower are used.

local words = require "words"

local topics = { fold = words.fold }

local find, sub, lower = string.find, string.sub, string.lower
local fold, each_place, has_any = words.fold, words.each_place, words.has_any
local begins_word, code_at = words.begins_word, words.code_at
local is_digit, is_unspaced = words.is_digit, words.is_unspaced

local FAR = 1000000000 -- farther than anything in a sentence

local function larger(a, b)
  return a > b and a or b
end

local function smaller(a, b)
  return a < b and a or b
end

-- ---- preparing the data ---------------------------------------------------------------

--- { lang = { words } } with every word folded; the key `all` holds for every language.
local function fold_lists(lists)
  local out = {}
  for lang, list in pairs(lists or {}) do
    local folded = {}
    for i, word in ipairs(list) do
      folded[i] = fold(word)
    end
    out[lang] = folded
  end
  return out
end

--- The words for a language, with those for every language; for one that the data do not
--- know, the words of all of them.
local function words_for(lists, lang)
  local out = {}
  for key, list in pairs(lists) do
    if key == lang or key == "all" or not lists[lang] then
      for _, word in ipairs(list) do
        out[#out + 1] = word
      end
    end
  end
  table.sort(out)
  return out
end

local function prepare_topics(data)
  local out = {}
  for id, topic in pairs(data.topics) do
    out[#out + 1] = {
      id = id, topic = topic, counted = fold_lists(topic.counted),
      near = fold_lists(topic.near), hint = fold_lists(topic.hint),
      exclude = fold_lists(topic.exclude),
    }
  end
  table.sort(out, function(a, b)
    return a.id < b.id
  end)
  return out
end

local function prepare_entities(data)
  local out = {}
  for id, entity in pairs(data.entities) do
    local seen, names = {}, {}
    for _, lists in ipairs { entity.aliases or {}, entity.stems or {} } do
      for _, list in pairs(lists) do
        for _, alias in ipairs(list) do
          local word = fold(alias)
          if not seen[word] then
            seen[word] = true
            names[#names + 1] = word
          end
        end
      end
    end
    table.sort(names)
    out[#out + 1] = {
      id = id, kind = entity.kind, words = names, generic = fold_lists(entity.generic),
    }
  end
  table.sort(out, function(a, b)
    return a.id < b.id
  end)
  return out
end

local function prepare_works(data)
  local out = {}
  for id, work in pairs(data.works) do
    out[#out + 1] = {
      id = id, work = work, words = fold_lists(work.words),
      previous = fold_lists(work.previous), generic = fold_lists(work.generic),
    }
  end
  table.sort(out, function(a, b)
    return (a.work.issued or a.id) < (b.work.issued or b.id)
  end)
  return out
end

local Case = {}
Case.__index = Case

--- Prepares a data table; keep the result, it is meant for many figures.
function topics.new(data)
  local nouns = {}
  for id, topic in pairs(data.topics) do
    nouns[id] = fold_lists(topic.counted)
  end
  return setmetatable({
    data = data, topics = prepare_topics(data), entities = prepare_entities(data),
    works = prepare_works(data), breaks = fold_lists(data.breaks),
    joins = fold_lists(data.joins), fronts = fold_lists(data.fronts), nouns = nouns, by_lang = {},
  }, Case)
end

--- The word lists of one language, made once.
function Case:lists(lang)
  local key = lang or "all"
  local lists = self.by_lang[key]
  if lists then
    return lists
  end
  lists = {
    breaks = words_for(self.breaks, lang), joins = words_for(self.joins, lang),
    fronts = self.fronts[lang] or {}, cues = {}, exclude = {},
  }
  for _, entry in ipairs(self.topics) do
    for role, weight in pairs { counted = 1, near = 1, hint = 0.5 } do
      for _, word in ipairs(words_for(entry[role], lang)) do
        lists.cues[#lists.cues + 1] = { word = word, id = entry.id, role = role, weight = weight }
      end
    end
    lists.exclude[entry.id] = words_for(entry.exclude, lang)
  end
  self.by_lang[key] = lists
  return lists
end

-- ---- distance -------------------------------------------------------------------------

local JOIN, COMMA, CLAUSE, NUMBER, BEFORE = 15, 25, 60, 30, 60

local STRONG = {
  [0x3B] = true, [0x061B] = true, [0x3002] = true, [0xFF1B] = true, [0x2014] = true,
  [0x2E] = true, [0x3A] = true, [0x21] = true, [0x3F] = true,
}
local WEAK = { [0x2C] = true, [0x060C] = true, [0x3001] = true, [0xFF0C] = true }

--- How many words of the text begin with a particle (Arabic "and").
local function count_fronts(text, front)
  local count, at = 0, 1
  while true do
    local first, last = find(text, front, at, true)
    if not first then
      return count
    end
    local before = words.code_before(text, first)
    if not before or not words.is_letter(before) then
      count = count + 1
    end
    at = last + 1
  end
end

--- How far apart two places are: characters, and more for every border of a clause, every
--- "and" and every other number that lies between; and whether a border or a number does.
--- Marks inside numbers are no borders.
local function distance(between, lists)
  local total, borders, in_number, previous_digit = 0, false, false, false
  for at, code in utf8.codes(between) do
    total = total + (is_unspaced(code) and 2 or 1)
    local next_code = code_at(between, at + #utf8.char(code))
    local mark = STRONG[code] and CLAUSE or WEAK[code] and COMMA
    if is_digit(code) then
      if not in_number then
        total, borders = total + NUMBER, true
      end
      in_number, previous_digit = true, true
    elseif mark and previous_digit and next_code and is_digit(next_code) then
      previous_digit = true
    else
      if mark then
        total, borders = total + mark, true
      end
      in_number, previous_digit = false, false
    end
  end
  for _, word in ipairs(lists.breaks) do
    each_place(between, word, function()
      total, borders = total + CLAUSE, true
    end)
  end
  for _, word in ipairs(lists.joins) do
    each_place(between, word, function()
      total = total + JOIN
    end)
  end
  for _, front in ipairs(lists.fronts) do
    total = total + JOIN * count_fronts(between, front)
  end
  return total, borders
end

--- 1 beside the figure, falling by half every 40 characters' worth.
local function nearness(far)
  return 40 / (40 + far)
end

-- ---- the topic ------------------------------------------------------------------------

--- All cues of the language in the text; where two overlap, the longer stands.
local function cues_in(text, cues)
  local places = {}
  for _, cue in ipairs(cues) do
    each_place(text, cue.word, function(first, last)
      places[#places + 1] = { first = first, last = last, cue = cue }
    end)
  end
  local kept = {}
  for _, place in ipairs(places) do
    local covered = false
    for _, other in ipairs(places) do
      local longer = other.last - other.first > place.last - place.first
      if longer and other.first <= place.last and other.last >= place.first then
        covered = true
        break
      end
    end
    if not covered then
      kept[#kept + 1] = place
    end
  end
  return kept
end

--- True if the last opening bracket of the folded text before the figure is still open.
local function in_brackets(before)
  for at = #before, 1, -1 do
    local byte = sub(before, at, at)
    if byte == ")" or sub(before, at, at + 2) == "）" then
      return false
    elseif byte == "(" or sub(before, at, at + 2) == "（" then
      return true
    end
  end
  return false
end

--- A conversion is the outlet's arithmetic, not what the source said.
local function is_conversion(topic, fig, before)
  return fig.kind == "money" and (fig.same_as ~= nil
    or fig.unit ~= nil and topic.unit ~= nil and fig.unit ~= topic.unit and in_brackets(before))
end

--- The kinds that a topic takes; money topics take any currency, since a misprinted one
--- has to be found too.
local function kind_fits(entry, fig, before)
  local topic = entry.topic
  if topic.kind ~= fig.kind or is_conversion(topic, fig, before) then
    return false
  end
  if fig.per and topic.measure ~= "rate" then
    return false
  end
  if fig.change == "up_by" or fig.change == "down_by" then
    return false
  end
  if topic.stage == "delivered" and (fig.hedge == "planned" or fig.hedge == "possible") then
    return false
  end
  return true
end

--- The sentence around the figure as folded pieces: before, the figure itself, after.
local function pieces(fig, sentence)
  local s = fig.sentence and fig.sentence[1] or 0
  local first = larger(0, (fig.start or s) - s)
  local last = larger(first, (fig.end_ or fig.start or s) - s)
  return fold(sub(sentence, 1, first)), fold(sub(sentence, first + 1, last)),
    fold(sub(sentence, last + 1))
end

--- Scores by topic id from one piece of text. `gap` measures the way from a place to the
--- figure.
local function score_piece(scores, places, gap, factor, ids)
  for _, place in ipairs(places) do
    local cue = place.cue
    if ids[cue.id] then
      local far, borders = gap(place)
      local score = cue.weight * factor * nearness(far)
      if cue.role == "counted" then
        score = score * 0.9
      end
      local sum = scores[cue.id] or { best = 0, rest = 0, solid = false, clear = false }
      if score > sum.best then
        sum.best, sum.rest = score, sum.rest + sum.best
      else
        sum.rest = sum.rest + score
      end
      sum.solid = sum.solid or cue.role ~= "hint"
      sum.hinted = sum.hinted or cue.role == "hint"
      sum.clear = sum.clear or (cue.role ~= "hint" and not borders)
      scores[cue.id] = sum
    end
  end
end

--- More than any word beside the figure can reach.
local COUNTED = 1.2

--- What the counted noun itself says: the topics whose nouns stand in it.
local function score_counted(scores, counted, lists, ids)
  for _, place in ipairs(cues_in(counted, lists.cues)) do
    local cue = place.cue
    if cue.role ~= "hint" and ids[cue.id] then
      local strength = cue.role == "counted" and COUNTED or COUNTED - 0.1
      local sum = scores[cue.id] or { best = 0, rest = 0 }
      sum.best, sum.solid, sum.clear = larger(sum.best, strength), true, true
      scores[cue.id] = sum
    end
  end
end

-- ---- entities -----------------------------------------------------------------------

--- Calls visit(id, first, last) for every entity named in a folded text; a name inside a
--- longer one does not count.
local function each_entity(self, text, visit)
  local places = {}
  for _, entity in ipairs(self.entities) do
    for _, word in ipairs(entity.words) do
      each_place(text, word, function(first, last)
        places[#places + 1] = { first = first, last = last, id = entity.id }
      end)
    end
  end
  for _, place in ipairs(places) do
    local inside = false
    for _, other in ipairs(places) do
      local longer = other.last - other.first > place.last - place.first
      if longer and other.first <= place.last and other.last >= place.first then
        inside = true
        break
      end
    end
    if not inside then
      visit(place.id, place.first, place.last)
    end
  end
end

local function entities_in(self, text)
  local named = {}
  each_entity(self, text, function(id)
    named[id] = true
  end)
  return named
end

--- True if a name is nothing but one of the words, with an article or the like at most:
--- "the study" is, "a study of the University" is not.
local function is_generic(name, list)
  local space = find(name, " ", 1, true)
  local core = space and utf8.len(name, 1, space - 1) and space <= 12 and sub(name, space + 1)
  for _, word in ipairs(list) do
    for _, text in ipairs { name, core or name } do
      local first, last = find(text, word, 1, true)
      if first and begins_word(text, first) and not find(sub(text, 1, first), " ", 1, true)
        and not find(sub(text, last + 1), " ", 1, true) then
        return true
      end
    end
  end
  return false
end

--- The first of the entities that a folded sentence means by a generic word.
local function generic_in(self, folded, ids, lang, document)
  for _, entity in ipairs(self.entities) do
    for _, id in ipairs(ids or {}) do
      if id == entity.id and document[id] and next(entity.generic)
        and has_any(folded, words_for(entity.generic, lang)) then
        return id
      end
    end
  end
  return nil
end

--- The entity that a name of the text means; "the study", "the service" mean the one that
--- the document has named before.
local function entity_of_name(self, name, work, lang, document)
  if not utf8.len(name) then
    return nil
  end
  local folded = fold(name)
  local named = entities_in(self, folded)
  for _, entity in ipairs(self.entities) do
    if named[entity.id] and entity.kind ~= "country" then
      return entity.id
    end
  end
  if work and is_generic(folded, words_for(work.generic, lang)) then
    return work.work.publisher
  end
  for _, entity in ipairs(self.entities) do
    if document[entity.id] and next(entity.generic)
      and is_generic(folded, words_for(entity.generic, lang)) then
      return entity.id
    end
  end
  return nil
end

--- True if the sentence names an anchor entity or one of its nouns, or quotes an origin.
local function is_anchored(self, topic, fig, folded, document, lang)
  local named = entities_in(self, folded)
  for _, id in ipairs(topic.anchor.entities or {}) do
    if named[id] then
      return true
    end
  end
  for _, id in ipairs(topic.anchor.nouns or {}) do
    if has_any(folded, words_for(self.nouns[id], lang)) then
      return true
    end
  end
  for _, hop in ipairs(fig.source or {}) do
    if entity_of_name(self, hop.name or "", nil, lang, document) then
      return true
    end
  end
  return generic_in(self, folded, topic.origins, lang, document) ~= nil
end

-- ---- which topics are possible --------------------------------------------------------

--- A topic that says what became of the counted (killed) beats the one that only counts
--- them (soldiers) where its word stands in the same clause.
local function drop_beaten(self, scores)
  local beaten = {}
  for id, sum in pairs(scores) do
    for _, other in ipairs(sum.clear and self.data.topics[id].beats or {}) do
      beaten[#beaten + 1] = other
    end
  end
  for _, id in ipairs(beaten) do
    scores[id] = nil
  end
end

--- A topic may ask for a supporting word (`needs_hint`), and for an anchor: an entity, a
--- noun of another topic, or a source of its own, in the sentence.
local function drop_unsupported(self, scores, fig, folded, document, lang)
  for id, sum in pairs(scores) do
    local topic = self.data.topics[id]
    if topic.needs_hint and not sum.hinted
      or topic.anchor and not is_anchored(self, topic, fig, folded, document, lang) then
      scores[id] = nil
    end
  end
end

--- Words that rule a topic out stand in the counted noun or close to the figure.
local function drop_excluded(scores, around, lists)
  for id in pairs(scores) do
    if has_any(around, lists.exclude[id]) then
      scores[id] = nil
    end
  end
end

--- The clause of the figure: back to the last border and on to the next one.
local function clause_around(before, figure, after, breaks)
  local from, to = 1, #after
  for at, code in utf8.codes(before) do
    local next_code = code_at(before, at + #utf8.char(code))
    local inside = next_code and is_digit(next_code)
    if (STRONG[code] or WEAK[code]) and not inside then
      from = at
    end
  end
  for at, code in utf8.codes(after) do
    local next_code = code_at(after, at + #utf8.char(code))
    if (STRONG[code] or WEAK[code]) and not (next_code and is_digit(next_code)) then
      to = at
      break
    end
  end
  for _, word in ipairs(breaks) do
    each_place(before, word, function(first)
      from = larger(from, first)
    end)
    each_place(after, word, function(first)
      to = smaller(to, first)
    end)
  end
  return sub(before, from) .. figure .. sub(after, 1, to)
end

--- The best topic by score, if it is clear and near enough.
local LEAST, MARGIN = 0.25, 0.03

local function best_of(scores)
  local best_id, best, second = nil, 0, 0
  local ids = {}
  for id in pairs(scores) do
    ids[#ids + 1] = id
  end
  table.sort(ids)
  for _, id in ipairs(ids) do
    local sum = scores[id]
    local score = sum.solid and sum.best + 0.1 * smaller(sum.rest, 1) or 0
    if score > best then
      best_id, best, second = id, score, best
    elseif score > second then
      second = score
    end
  end
  if best >= LEAST and best - second >= MARGIN then
    return best_id
  end
  return nil
end

--- How near each entity of the sentence stands to the figure.
local function entity_gaps(self, before, after, lists)
  local gaps = {}
  local function keep(id, far)
    gaps[id] = smaller(gaps[id] or FAR, far)
  end
  each_entity(self, before, function(id, _, last)
    keep(id, (distance(sub(before, last + 1), lists)))
  end)
  each_entity(self, after, function(id, first)
    keep(id, (distance(sub(after, 1, first - 1), lists)))
  end)
  return gaps
end

--- A topic between two parties is refused where the document does not name both, where
--- another giver stands nearer to the figure than its own, and where a stranger stands near
--- it in a sentence that names neither party.
local function parties_fit(topic, gaps, document)
  for _, id in ipairs(topic.mentions or {}) do
    if not document[id] then
      return false
    end
  end
  local own = smaller(gaps[topic.from or ""] or FAR, gaps[topic.to or ""] or FAR)
  for _, id in ipairs(topic.others or {}) do
    if gaps[id] and gaps[id] < own then
      return false
    end
  end
  for _, id in ipairs(topic.strangers or {}) do
    if own == FAR and (gaps[id] or FAR) < CLAUSE then
      return false
    end
  end
  return true
end

--- Entities of the whole document, made once for each text.
function Case:document_entities(text)
  if self.last_text ~= text then
    self.last_text, self.last_folded = text, fold(text)
    self.last_named = entities_in(self, self.last_folded)
  end
  return self.last_named, self.last_folded
end

local function lang_of(fig, doc)
  local lang = fig.lang or (doc and doc.lang)
  if not lang then
    return nil
  end
  local dash = find(lang, "-", 1, true)
  return lower(dash and sub(lang, 1, dash - 1) or lang)
end

--- The topic of a figure and the folded clause that it stands in.
local function topic_of(self, fig, sentence, text, doc)
  local lang = lang_of(fig, doc)
  local lists, ids = self:lists(lang), {}
  local document = self:document_entities(text)
  local before, figure, after = pieces(fig, sentence)
  if not (utf8.len(before) and utf8.len(after) and utf8.len(figure)) then
    return nil, ""
  end
  local clause = clause_around(before, figure, after, lists.breaks)
  local gaps = entity_gaps(self, before, after, lists)
  for _, entry in ipairs(self.topics) do
    ids[entry.id] = kind_fits(entry, fig, before) and parties_fit(entry.topic, gaps, document)
  end
  local scores = {}
  local follows = (self.data.following or {})[lang] or 0.9
  score_piece(scores, cues_in(before, lists.cues), function(place)
    return distance(sub(before, place.last + 1), lists)
  end, 1, ids)
  score_piece(scores, cues_in(after, lists.cues), function(place)
    return distance(sub(after, 1, place.first - 1), lists)
  end, follows, ids)
  local counted = fig.counted and fold(fig.counted) or ""
  score_counted(scores, counted, lists, ids)
  local start = fig.sentence and fig.sentence[1]
  if next(scores) == nil and start and start > 0 then
    local context = fold(sub(text, 1, start))
    local tail = #context > 400 and utf8.offset(context, 0, #context - 400) or 1
    context = sub(context, tail)
    score_piece(scores, cues_in(context, lists.cues), function(place)
      return BEFORE + distance(sub(context, place.last + 1) .. before, lists), true
    end, 1, ids)
  end
  drop_excluded(scores, counted .. " " .. clause, lists)
  drop_beaten(self, scores)
  drop_unsupported(self, scores, fig, fold(sentence), document, lang)
  return best_of(scores), clause
end

-- ---- the work -------------------------------------------------------------------------

local function published_of(doc)
  local published = doc and (doc.published or doc.published_at)
  return published and sub(tostring(published), 1, 10) or nil
end

--- True if the document cites the work's publisher, and so the work.
local function is_cited(entry, document)
  return entry.work.publisher ~= nil and document[entry.work.publisher] ~= nil
end

--- The edition that a document of that day means when it says nothing else: the last one
--- that was out, of those that deal with the topic.
local function editions_for(self, topic, document)
  local out = {}
  for _, entry in ipairs(self.works) do
    for _, id in ipairs(entry.work.topics or {}) do
      if id == topic and is_cited(entry, document) then
        out[#out + 1] = entry
      end
    end
  end
  return out
end

local function work_of(self, topic, fig, sentence, doc, document)
  local editions = editions_for(self, topic, document)
  local folded, lang = fold(sentence), lang_of(fig, doc)
  for _, entry in ipairs(editions) do
    if has_any(folded, words_for(entry.words, lang)) then
      return entry
    end
  end
  local published, current = published_of(doc), nil
  for i, entry in ipairs(editions) do
    if published and entry.work.issued and sub(entry.work.issued, 1, 10) <= published then
      current = i
    end
  end
  if not current then
    return nil
  end
  if editions[current - 1] and has_any(folded, words_for(editions[current].previous, lang)) then
    return editions[current - 1]
  end
  return editions[current]
end

-- ---- the origin -----------------------------------------------------------------------

local function origin_of(self, topic, fig, sentence, work, lang, document)
  local source = fig.source
  local hops = source and #source or 0
  if hops > 0 then
    local origin = entity_of_name(self, source[hops].name or "", work, lang, document)
    return origin, origin ~= nil
  end
  local folded = fold(sentence)
  local named = entities_in(self, folded)
  if work and not named[work.work.publisher] then
    for _, entity in ipairs(self.entities) do
      if named[entity.id] and entity.kind ~= "country" then
        return entity.id, true -- somebody else speaks in this sentence
      end
    end
  end
  if work then
    return work.work.publisher, true
  end
  for _, id in ipairs(self.data.topics[topic].origins or {}) do
    if named[id] then
      return id, true
    end
  end
  return generic_in(self, folded, self.data.topics[topic].origins, lang, document), true
end

--- Topic id, from, to, work id, origin entity id of one figure.
function Case:assign(fig, sentence, text, doc)
  local topic = topic_of(self, fig, sentence, text, doc)
  if not topic then
    return nil
  end
  local lang, entry = lang_of(fig, doc), self.data.topics[topic]
  local document = self:document_entities(text)
  local work = work_of(self, topic, fig, sentence, doc, document)
  local origin, known = origin_of(self, topic, fig, sentence, work, lang, document)
  if work and (not known or origin ~= work.work.publisher) then
    work = nil -- somebody else says so
  end
  return topic, entry.from, entry.to, work and work.id or nil, origin
end

--- For a script with one case: topics.use(data) once, then topics.assign(…).
function topics.use(data)
  topics.case = topics.new(data)
  return topics.case
end

function topics.assign(fig, sentence, text, doc)
  return topics.case:assign(fig, sentence, text, doc)
end

return topics
