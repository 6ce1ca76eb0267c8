--- Finding words in text of many scripts: one folded form for matching, and where a word
--- may begin and end. No patterns: a place is found by plain search and then judged.
---
--- Pure Lua 5.4; of the string library only find (plain), sub and lower are used.

local words = {}

local find, sub, lower = string.find, string.sub, string.lower

-- ---- folding: one form for matching ---------------------------------------------------

local ARABIC_FOLD = {
  [0x0622] = 0x0627, [0x0623] = 0x0627, [0x0625] = 0x0627, -- alef with hamza or madda
  [0x0649] = 0x064A, -- alef maqsura
  [0x0629] = 0x0647, -- teh marbuta
}

local LATIN_FOLD = {
  [0x0130] = 0x69, -- dotted capital I
  [0x0178] = 0xFF,
  [0x2018] = 0x27, [0x2019] = 0x27, [0x02BC] = 0x27, -- apostrophes
  [0x2011] = 0x2D, -- hyphen that does not break
  [0x00A0] = 0x20, [0x202F] = 0x20, [0x3000] = 0x20, -- spaces
  [0x0A] = 0x20, [0x0D] = 0x20, [0x09] = 0x20,
}

--- Marks that carry no meaning for matching: Arabic vowel signs, tatweel, joiners.
local function is_dropped(code)
  return (code >= 0x064B and code <= 0x065F) or code == 0x0670 or code == 0x0640
    or (code >= 0x200B and code <= 0x200F) or code == 0x00AD or code == 0xFEFF
end

local function fold_code(code)
  if code >= 0x41 and code <= 0x5A then
    return code + 32
  elseif code >= 0xC0 and code <= 0xDE and code ~= 0xD7 then
    return code + 32
  elseif code >= 0x0410 and code <= 0x042F then
    return code + 32
  elseif code >= 0x0400 and code <= 0x040F then
    return code + 80
  elseif code >= 0x0391 and code <= 0x03A9 then
    return code + 32
  elseif code == 0x0490 then
    return 0x0491
  end
  local folded = ARABIC_FOLD[code] or LATIN_FOLD[code]
  if folded then
    return folded
  end
  if code >= 0x0100 and code <= 0x017F and code ~= 0x0131 and code ~= 0x0138 then
    -- capitals are even up to U+0137 and from U+014A on, odd in between
    local odd = code % 2 == 1
    local capital_is_odd = (code >= 0x0139 and code <= 0x0148)
      or (code >= 0x0179 and code <= 0x017E)
    if odd == capital_is_odd then
      return code + 1
    end
  end
  return code
end

--- The text in lower case with marks and spaces evened out. Text that is not UTF-8 is only
--- lowered.
local function fold(text)
  if not utf8.len(text) then
    return lower(text)
  end
  local out, n = {}, 0
  for _, code in utf8.codes(text) do
    if not is_dropped(code) then
      n = n + 1
      out[n] = utf8.char(fold_code(code))
    end
  end
  return table.concat(out)
end

-- ---- characters -----------------------------------------------------------------------

--- The code point that ends just before byte `at`, or nil.
local function code_before(text, at)
  local from = at > 1 and utf8.offset(text, -1, at)
  return from and utf8.codepoint(text, from) or nil
end

local function code_at(text, at)
  return at <= #text and utf8.codepoint(text, at) or nil
end

local function is_digit(code)
  return (code >= 0x30 and code <= 0x39) or (code >= 0x0660 and code <= 0x0669)
    or (code >= 0x06F0 and code <= 0x06F9) or (code >= 0xFF10 and code <= 0xFF19)
    or (code >= 0x0966 and code <= 0x096F)
end

local function is_letter(code)
  if code < 0x80 then
    return (code >= 0x61 and code <= 0x7A) or (code >= 0x41 and code <= 0x5A)
  end
  return code >= 0xC0 and code ~= 0xD7 and code ~= 0xF7
    and not (code >= 0x2000 and code <= 0x2BFF) and not (code >= 0x3000 and code <= 0x303F)
    and not (code >= 0xFF00 and code <= 0xFF20) and not is_digit(code)
    and code ~= 0x060C and code ~= 0x061B and code ~= 0x061F and code ~= 0x30FB
end

--- Scripts that write without spaces: no word begins or ends in them that one could see.
local function is_unspaced(code)
  return (code >= 0x1100 and code <= 0x11FF) or (code >= 0x3040 and code <= 0x30FF)
    or (code >= 0x3400 and code <= 0x9FFF) or (code >= 0xAC00 and code <= 0xD7AF)
end

local function is_arabic(code)
  return code >= 0x0600 and code <= 0x06FF
end

--- Particles that Arabic writes at the front of a word, folded.
local ARABIC_FRONT = {}
for _, front in ipairs {
  "و", "ف", "ب", "ل", "ك", "ال", "وال", "فال", "بال", "كال", "لل", "ول", "وب", "ولل",
  "وبال", "فلل", "وك", "فل", "فب", "س", "وس",
} do
  ARABIC_FRONT[front] = true
end

--- True if a word may begin at byte `at`.
local function begins_word(text, at)
  local before = code_before(text, at)
  if not before or not is_letter(before) then
    return true
  end
  local first = code_at(text, at)
  if is_unspaced(first) then
    return true
  end
  if not is_arabic(first) then
    return is_unspaced(before)
  end
  local from = at
  while true do
    local code = code_before(text, from)
    if not code or not is_letter(code) then
      break
    end
    from = utf8.offset(text, -1, from)
  end
  return ARABIC_FRONT[sub(text, from, at - 1)] == true
end

--- Short words count only whole; longer ones are stems and may go on.
local SHORT = 4

local function ends_word(text, after, word)
  local last = code_before(word, #word + 1)
  if is_unspaced(last) or is_arabic(last) or utf8.len(word) > SHORT then
    return true
  end
  local code = code_at(text, after)
  return not code or not is_letter(code) or is_unspaced(code)
end

--- Calls visit(first, last) for every place where the folded word stands in the text.
local function each_place(text, word, visit)
  local at = 1
  while true do
    local first, last = find(text, word, at, true)
    if not first then
      return
    end
    if begins_word(text, first) and ends_word(text, last + 1, word) then
      visit(first, last)
    end
    at = first + 1
  end
end

local function has_any(text, list)
  local seen = false
  for _, word in ipairs(list or {}) do
    each_place(text, word, function()
      seen = true
    end)
  end
  return seen
end

words.fold = fold
words.code_before, words.code_at = code_before, code_at
words.is_digit, words.is_letter, words.is_unspaced = is_digit, is_letter, is_unspaced
words.begins_word, words.each_place, words.has_any = begins_word, each_place, has_any

return words
