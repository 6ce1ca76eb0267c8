-- about: the figures of the documents fetched last, as printed and as understood
-- param: limit integer =50 most rows
-- param: lang text = only figures read in this language
-- param: topic text = only this topic
-- param: kind text = only this kind: money, count, percent …
-- An amount is shortened to thousand millions and so on only where nothing is lost.
WITH chosen AS (
 SELECT * FROM (SELECT f.id FROM figure f JOIN document d ON d.id = f.document_id
  WHERE CAST($3 AS TEXT) <> '' AND f.topic_id = CAST($3 AS TEXT) AND f.is_current = 1
   AND (CAST($2 AS TEXT) = '' OR f.lang = CAST($2 AS TEXT))
   AND (CAST($4 AS TEXT) = '' OR f.kind = CAST($4 AS TEXT))
  ORDER BY d.fetched_at DESC, d.url, d.id, f.start_byte, f.id
  LIMIT CAST($1 AS BIGINT)) topical
 UNION ALL
 SELECT * FROM (SELECT f.id FROM document d CROSS JOIN figure f
  WHERE CAST($3 AS TEXT) = '' AND f.document_id = d.id AND f.is_current = 1
   AND (CAST($2 AS TEXT) = '' OR f.lang = CAST($2 AS TEXT))
   AND (CAST($4 AS TEXT) = '' OR f.kind = CAST($4 AS TEXT))
  ORDER BY d.fetched_at DESC, d.url, d.id, f.start_byte, f.id
  LIMIT CAST($1 AS BIGINT)) recent),
page AS (
 SELECT f.*, d.url, d.source_id, d.fetched_at, t.outlet
 FROM chosen c
 JOIN figure f ON f.id = c.id
 JOIN document d ON d.id = f.document_id
 LEFT JOIN doc_text t ON t.document_id = f.document_id
  AND t.extractor = f.text_extractor AND t.version = f.text_version),
part AS (
 SELECT id, 'value' AS part, value_dec AS digits, value AS number FROM page
 UNION ALL SELECT id, 'low', low_dec, low FROM page
 UNION ALL SELECT id, 'high', high_dec, high FROM page
 UNION ALL SELECT id, 'vague', vague_dec, vague FROM page),
amount AS (
 SELECT id, part, CASE
  WHEN abs(number) >= 1e12 AND digits LIKE '%000000000' THEN
   rtrim(rtrim(CAST(ROUND(CAST(number / 1e12 AS NUMERIC), 3) AS TEXT), '0'), '.')
    || ' trillion'
  WHEN abs(number) >= 1e9 AND digits LIKE '%000000' THEN
   rtrim(rtrim(CAST(ROUND(CAST(number / 1e9 AS NUMERIC), 3) AS TEXT), '0'), '.')
    || ' billion'
  WHEN abs(number) >= 1e6 AND digits LIKE '%000' THEN
   rtrim(rtrim(CAST(ROUND(CAST(number / 1e6 AS NUMERIC), 3) AS TEXT), '0'), '.')
    || ' million'
  ELSE digits END AS shown
 FROM part WHERE digits IS NOT NULL),
shown AS (
 SELECT id, max(CASE WHEN part = 'value' THEN shown END) AS value,
  max(CASE WHEN part = 'low' THEN shown END) AS low,
  max(CASE WHEN part = 'high' THEN shown END) AS high,
  max(CASE WHEN part = 'vague' THEN shown END) AS vague
 FROM amount GROUP BY id),
chain AS (
 SELECT a.figure_id,
  COALESCE(max(CASE WHEN a.hop = 0 THEN ' < ' || a.name END), '')
  || COALESCE(max(CASE WHEN a.hop = 1 THEN ' < ' || a.name END), '')
  || COALESCE(max(CASE WHEN a.hop = 2 THEN ' < ' || a.name END), '')
  || COALESCE(max(CASE WHEN a.hop = 3 THEN ' < ' || a.name END), '')
  || COALESCE(max(CASE WHEN a.hop = 4 THEN ' < ' || a.name END), '')
  || COALESCE(max(CASE WHEN a.hop > 4 THEN ' < …' END), '') AS names
 FROM page p CROSS JOIN attribution a WHERE a.figure_id = p.id
 GROUP BY a.figure_id)
SELECT p.outlet, p.lang, p.kind, p.text,
 CASE WHEN p.side = 'below' THEN 'nearly ' WHEN p.side = 'above' THEN 'a little over '
   WHEN p.approx = 1 AND p.bound <> 'vague' THEN 'about ' ELSE '' END
 || CASE p.bound WHEN 'at_least' THEN 'at least ' WHEN 'more_than' THEN 'more than '
   WHEN 'at_most' THEN 'at most ' WHEN 'less_than' THEN 'less than '
   WHEN 'vague' THEN 'from ' ELSE '' END
 || COALESCE(CASE WHEN p.fraction IS NOT NULL THEN p.fraction
   WHEN p.kind = 'time' AND p.time IS NOT NULL THEN p.time
   WHEN p.bound = 'range' THEN s.low || ' to ' || s.high
   WHEN p.bound = 'vague' THEN s.vague ELSE s.value END, '')
 || COALESCE(' ' || p.unit, '') || COALESCE(' per ' || p.per, '') AS amount,
 p.counted, p.topic_id AS topic, p.hedge, substr(c.names, 4) AS source,
 p.confidence, p.bound, p.value_dec, p.low_dec, p.high_dec, p.vague_dec, p.unit, p.url,
 p.id
FROM page p
LEFT JOIN shown s ON s.id = p.id
LEFT JOIN chain c ON c.figure_id = p.id
ORDER BY p.fetched_at DESC, p.url, p.document_id, p.start_byte, p.id
