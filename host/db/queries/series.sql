-- about: the interval over time, for a chart with a band
-- param: topic text = only this topic
-- param: origin text = only this origin (entity id)
-- param: limit integer =500 most rows
SELECT topic_id AS topic, t, origin_id AS origin, edition, NULLIF(unit, '') AS unit,
 m_low AS low, m_high AS high, docs, outlets, NULLIF(from_id, '') AS from_id,
 NULLIF(to_id, '') AS to_id
FROM series
WHERE (CAST($1 AS TEXT) = '' OR topic_id = CAST($1 AS TEXT))
 AND (CAST($2 AS TEXT) = '' OR origin_id = CAST($2 AS TEXT))
ORDER BY topic_id, t, origin_id, edition, series.unit, series.from_id, series.to_id
LIMIT CAST($3 AS BIGINT)
