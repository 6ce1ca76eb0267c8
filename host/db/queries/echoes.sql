-- about: one origin's figure repeated by several outlets: how many, in how many languages
-- param: topic text = only this topic
-- param: outlets integer =2 at least so many outlets
-- param: limit integer =100 most rows
SELECT origin_id AS origin, topic_id AS topic, edition, NULLIF(unit, '') AS unit,
 outlets, langs, docs, m_low AS low, m_high AS high, first_said
FROM series
WHERE outlets > 1 AND outlets >= CAST($2 AS BIGINT)
 AND (CAST($1 AS TEXT) = '' OR topic_id = CAST($1 AS TEXT))
ORDER BY outlets DESC, origin_id, topic_id, edition, series.unit, from_id, to_id
LIMIT CAST($3 AS BIGINT)
