-- about: the balance of two flows: article by article, then over each study's interval
-- param: topic text = only this topic as the outgoing flow
-- param: limit integer =100 most rows
-- A flow is a topic whose `returns` names the topic of the flow back. An article's ends
-- are those of its own figures, merged as v_merged merges documents; an end that it
-- does not give stays empty, and so does the end of the ratio that needs it.
WITH RECURSIVE claim AS (
 SELECT dense_rank() OVER (ORDER BY c.document_id, c.topic_id, c.unit, c.work_id,
   c.from_id, c.to_id) AS side_id, c.*
 FROM v_claim c
 WHERE c.bound <> 'vague' AND c.topic_id IN(
  SELECT id FROM topic WHERE returns IS NOT NULL UNION SELECT returns FROM topic)),
side AS (
 SELECT side_id, document_id, topic_id, unit, work_id, from_id, to_id,
  min(origin_id) AS origin_id, max(url) AS url, max(outlet) AS outlet,
  COALESCE(max(CASE WHEN bound IN('at_least','more_than','range')
    THEN COALESCE(low, value) END),
   max(CASE WHEN bound = 'exact' THEN value END)) AS low,
  COALESCE(min(CASE WHEN bound IN('at_most','less_than','range')
    THEN COALESCE(high, value) END),
   min(CASE WHEN bound = 'exact' THEN value END)) AS high
 FROM claim
 GROUP BY side_id, document_id, topic_id, unit, work_id, from_id, to_id),
printed AS (
 SELECT side_id, text, row_number() OVER (PARTITION BY side_id
   ORDER BY min(start_byte), text) AS n
 FROM claim GROUP BY side_id, text),
joined(side_id, n, texts) AS (
 SELECT side_id, n, text FROM printed WHERE n = 1
 UNION ALL
 SELECT j.side_id, p.n, j.texts || ' · ' || p.text
 FROM joined j JOIN printed p ON p.side_id = j.side_id AND p.n = j.n + 1),
said AS (
 SELECT j.side_id, j.texts FROM joined j
 WHERE j.n = (SELECT max(p.n) FROM printed p WHERE p.side_id = j.side_id)),
pair AS (
 SELECT 'article' AS scope, a.topic_id AS out_topic, b.topic_id AS back_topic,
  a.origin_id, a.work_id AS edition, a.outlet, a.url, a.unit, a.low AS out_low,
  a.high AS out_high, x.texts AS out_said, b.low AS back_low, b.high AS back_high,
  y.texts AS back_said
 FROM side a
 JOIN topic p ON p.id = a.topic_id
 JOIN side b ON b.document_id = a.document_id AND b.topic_id = p.returns
  AND b.unit IS NOT DISTINCT FROM a.unit
  AND (a.work_id IS NULL OR b.work_id IS NULL OR a.work_id = b.work_id)
  AND (a.from_id IS NULL OR b.to_id IS NULL OR a.from_id = b.to_id)
  AND (a.to_id IS NULL OR b.from_id IS NULL OR a.to_id = b.from_id)
 JOIN said x ON x.side_id = a.side_id
 JOIN said y ON y.side_id = b.side_id
 UNION ALL
 SELECT CASE WHEN w.id IS NULL THEN 'month' ELSE 'work' END, r.out_topic, r.back_topic,
  r.origin_id, COALESCE(w.title, r.edition), NULL, w.url, r.unit, r.out_low, r.out_high,
  NULL, r.back_low, r.back_high, NULL
 FROM v_flow_ratio r LEFT JOIN work w ON w.id = r.edition),
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
WHERE CAST($1 AS TEXT) = '' OR out_topic = CAST($1 AS TEXT)
ORDER BY CASE scope WHEN 'article' THEN 0 WHEN 'work' THEN 2 ELSE 1 END, out_topic,
 who, url, unit, ratio_low
LIMIT CAST($2 AS BIGINT)
