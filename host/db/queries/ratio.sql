-- about: the balance of two flows: article by article, then over each study's interval
-- param: topic text = only this topic as the outgoing flow
-- param: limit integer =100 most rows
-- A flow is a topic whose `returns` names the topic of the flow back. An article's ends
-- are those of its own figures, merged as v_merged merges documents; an end that it
-- does not give stays empty, and so does the end of the ratio that needs it.
WITH RECURSIVE article AS (
 SELECT * FROM balance
 WHERE CAST($1 AS TEXT) = '' OR out_topic = CAST($1 AS TEXT)
 ORDER BY out_topic, who, url, unit, document_id, out_work, back_work
 LIMIT CAST($2 AS BIGINT)),
both_sides AS (
 SELECT document_id, out_topic AS topic_id, unit, out_work AS work_id,
  out_from AS from_id, out_to AS to_id FROM article
 UNION SELECT document_id, back_topic, unit, back_work, back_from, back_to FROM article),
printed AS (
 SELECT b.document_id, b.topic_id, b.unit, b.work_id, b.from_id, b.to_id, f.text,
  row_number() OVER (PARTITION BY b.document_id, b.topic_id, b.unit, b.work_id,
   b.from_id, b.to_id ORDER BY min(f.start_byte), f.text) AS n
 FROM both_sides b
 CROSS JOIN claim c
 CROSS JOIN figure f
 WHERE c.document_id = b.document_id AND c.topic_id = b.topic_id AND c.unit = b.unit
  AND c.work_id = b.work_id AND c.from_id = b.from_id AND c.to_id = b.to_id
  AND c.bound <> 'vague' AND f.id = c.figure_id
 GROUP BY b.document_id, b.topic_id, b.unit, b.work_id, b.from_id, b.to_id, f.text),
joined(document_id, topic_id, unit, work_id, from_id, to_id, n, texts) AS (
 SELECT document_id, topic_id, unit, work_id, from_id, to_id, n, text
 FROM printed WHERE n = 1
 UNION ALL
 SELECT j.document_id, j.topic_id, j.unit, j.work_id, j.from_id, j.to_id, p.n,
  j.texts || ' · ' || p.text
 FROM joined j JOIN printed p ON p.document_id = j.document_id
  AND p.topic_id = j.topic_id AND p.unit = j.unit AND p.work_id = j.work_id
  AND p.from_id = j.from_id AND p.to_id = j.to_id AND p.n = j.n + 1),
last_said AS (
 SELECT document_id, topic_id, unit, work_id, from_id, to_id, max(n) AS n
 FROM printed GROUP BY document_id, topic_id, unit, work_id, from_id, to_id),
said AS (
 SELECT j.* FROM joined j JOIN last_said l ON l.document_id = j.document_id
  AND l.topic_id = j.topic_id AND l.unit = j.unit AND l.work_id = j.work_id
  AND l.from_id = j.from_id AND l.to_id = j.to_id AND l.n = j.n),
edition AS (
 SELECT a.topic_id AS out_topic, b.topic_id AS back_topic, a.origin_id, a.edition,
  a.unit, a.m_low AS out_low, a.m_high AS out_high, b.m_low AS back_low,
  b.m_high AS back_high,
  CASE WHEN EXISTS(SELECT 1 FROM work w WHERE w.id = a.edition) THEN 'work'
   ELSE 'month' END AS scope
 FROM topic p
 CROSS JOIN series a
 CROSS JOIN series b
 WHERE p.returns IS NOT NULL
  AND (CAST($1 AS TEXT) = '' OR p.id = CAST($1 AS TEXT))
  AND a.topic_id = p.id
  AND b.topic_id = p.returns AND b.from_id = a.to_id AND b.to_id = a.from_id
  AND b.unit = a.unit AND b.origin_id = a.origin_id AND b.edition = a.edition
  AND (SELECT count(*) FROM article) < CAST($2 AS BIGINT)
 ORDER BY scope, p.id, a.edition, a.unit, a.origin_id, a.from_id, a.to_id
 LIMIT CAST($2 AS BIGINT)),
pair AS (
 SELECT 'article' AS scope, a.out_topic, a.back_topic, a.origin_id,
  NULL AS edition, a.who AS outlet, a.url, NULLIF(a.unit, '') AS unit, a.out_low,
  a.out_high, x.texts AS out_said, a.back_low, a.back_high, y.texts AS back_said
 FROM article a
 JOIN said x ON x.document_id = a.document_id AND x.topic_id = a.out_topic
  AND x.unit = a.unit AND x.work_id = a.out_work AND x.from_id = a.out_from
  AND x.to_id = a.out_to
 JOIN said y ON y.document_id = a.document_id AND y.topic_id = a.back_topic
  AND y.unit = a.unit AND y.work_id = a.back_work AND y.from_id = a.back_from
  AND y.to_id = a.back_to
 UNION ALL
 SELECT r.scope, r.out_topic, r.back_topic, r.origin_id, COALESCE(w.title, r.edition),
  NULL, w.url, NULLIF(r.unit, ''), r.out_low, r.out_high, NULL, r.back_low, r.back_high,
  NULL
 FROM edition r LEFT JOIN work w ON w.id = r.edition),
number AS (
 SELECT out_low AS n FROM pair UNION SELECT out_high FROM pair
 UNION SELECT back_low FROM pair UNION SELECT back_high FROM pair),
amount AS (
 SELECT n, CASE
  WHEN n >= 1e12 THEN
   rtrim(rtrim(CAST(ROUND(CAST(n / 1e12 AS NUMERIC), 3) AS TEXT), '0'), '.')
    || ' trillion'
  WHEN n >= 1e9 THEN
   rtrim(rtrim(CAST(ROUND(CAST(n / 1e9 AS NUMERIC), 3) AS TEXT), '0'), '.')
    || ' billion'
  WHEN n >= 1e6 THEN
   rtrim(rtrim(CAST(ROUND(CAST(n / 1e6 AS NUMERIC), 3) AS TEXT), '0'), '.')
    || ' million'
  ELSE rtrim(rtrim(CAST(ROUND(CAST(n AS NUMERIC), 3) AS TEXT), '0'), '.') END AS shown
 FROM number WHERE n IS NOT NULL),
rated AS (
 SELECT pair.*, CAST(ROUND(CAST(out_low / NULLIF(back_high, 0) AS NUMERIC), 1)
   AS DOUBLE PRECISION) AS ratio_low,
  CAST(ROUND(CAST(out_high / NULLIF(back_low, 0) AS NUMERIC), 1)
   AS DOUBLE PRECISION) AS ratio_high,
  CAST(ROUND(CAST(out_low / NULLIF(back_high, 0) AS NUMERIC), 1) AS TEXT) AS low_text,
  CAST(ROUND(CAST(out_high / NULLIF(back_low, 0) AS NUMERIC), 1) AS TEXT) AS high_text,
  CASE WHEN out_low = out_high THEN ol.shown
   ELSE COALESCE(ol.shown, '?') || ' to ' || COALESCE(oh.shown, '?') END AS out_shown,
  CASE WHEN back_low = back_high THEN bl.shown
   ELSE COALESCE(bl.shown, '?') || ' to ' || COALESCE(bh.shown, '?') END AS back_shown
 FROM pair
 LEFT JOIN amount ol ON ol.n = out_low
 LEFT JOIN amount oh ON oh.n = out_high
 LEFT JOIN amount bl ON bl.n = back_low
 LEFT JOIN amount bh ON bh.n = back_high)
SELECT scope, COALESCE(outlet, edition) AS who,
 CASE WHEN ratio_low IS NULL AND ratio_high IS NULL THEN NULL
  WHEN ratio_low IS NULL THEN 'up to ' || high_text
  WHEN ratio_high IS NULL THEN 'at least ' || low_text
  WHEN ratio_low = ratio_high THEN low_text
  ELSE low_text || ' to ' || high_text END AS ratio,
 COALESCE(out_said, out_shown) AS out_said,
 COALESCE(back_said, back_shown) AS back_said,
 unit, ratio_low, ratio_high, out_topic, out_low, out_high, back_topic, back_low,
 back_high, origin_id AS origin, url
FROM rated
ORDER BY CASE scope WHEN 'article' THEN 0 WHEN 'work' THEN 2 ELSE 1 END, out_topic,
 who NULLS FIRST, url NULLS FIRST, unit NULLS FIRST, ratio_low NULLS FIRST,
 ratio_high NULLS FIRST, origin NULLS FIRST
LIMIT CAST($2 AS BIGINT)
