-- about: the latest interval of each topic and origin
-- param: topic text = only this topic
-- param: from text = only flows from this party (entity id)
-- param: to text = only flows to this party (entity id)
-- param: limit integer =100 most rows
SELECT topic_id AS topic, from_id, to_id, origin_id AS origin, edition, unit,
 m_low AS low, m_high AS high, variants, docs, t AS as_of
FROM v_latest
WHERE (CAST($1 AS TEXT) = '' OR topic_id = CAST($1 AS TEXT))
 AND (CAST($2 AS TEXT) = '' OR from_id = CAST($2 AS TEXT))
 AND (CAST($3 AS TEXT) = '' OR to_id = CAST($3 AS TEXT))
ORDER BY topic_id, t DESC, origin_id, unit
LIMIT CAST($4 AS BIGINT)
