-- about: how an origin revised its own figure from edition to edition
-- param: topic text = only this topic
-- param: origin text = only this origin (entity id)
-- param: limit integer =100 most rows
SELECT topic_id AS topic, origin_id AS origin, edition, NULLIF(unit, '') AS unit,
 p_low AS was_low, p_high AS was_high, m_low AS low, m_high AS high,
 CAST(ROUND(CAST(COALESCE(100.0 * (m_high - p_high) / NULLIF(p_high, 0),
   100.0 * (m_low - p_low) / NULLIF(p_low, 0)) AS NUMERIC), 1) AS DOUBLE PRECISION)
  AS percent
FROM series
WHERE is_revision = 1
 AND (CAST($1 AS TEXT) = '' OR topic_id = CAST($1 AS TEXT))
 AND (CAST($2 AS TEXT) = '' OR origin_id = CAST($2 AS TEXT))
ORDER BY topic_id, origin_id, series.unit, t, edition, from_id, to_id
LIMIT CAST($3 AS BIGINT)
