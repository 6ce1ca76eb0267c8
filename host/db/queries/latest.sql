-- about: the latest interval of each topic and origin, how sure it is and why
-- param: topic text = only this topic
-- param: from text = only flows from this party (entity id)
-- param: to text = only flows to this party (entity id)
-- param: limit integer =100 most rows
-- The grade begins at high and loses a step for each reason.
SELECT q.topic, q.from_id, q.to_id, q.origin, q.edition, q.unit, q.low, q.high,
 CASE q.steps WHEN 0 THEN 'high' WHEN 1 THEN 'moderate' WHEN 2 THEN 'low'
  ELSE 'very low' END AS grade,
 NULLIF(substr(q.reasons, 3), '') AS reasons, q.origins, q.outlets, q.variants, q.docs,
 q.as_of
FROM (SELECT m.topic_id AS topic, NULLIF(m.from_id, '') AS from_id,
  NULLIF(m.to_id, '') AS to_id, m.origin_id AS origin, m.edition,
  NULLIF(m.unit, '') AS unit, m.m_low AS low, m.m_high AS high, n.origins, m.outlets,
  m.variants, m.docs, m.t AS as_of,
  CASE WHEN n.origins < 2 THEN 1 ELSE 0 END
   + CASE WHEN m.m_low IS NULL OR m.m_high IS NULL THEN 1 ELSE 0 END
   + m.unconfirmed + CASE WHEN m.hops > 1 THEN 1 ELSE 0 END AS steps,
  CASE WHEN n.origins < 2 THEN ', one origin' ELSE '' END
   || CASE WHEN m.m_low IS NULL OR m.m_high IS NULL THEN ', an open end' ELSE '' END
   || CASE WHEN m.unconfirmed = 1 THEN ', unconfirmed' ELSE '' END
   || CASE WHEN m.hops > 1 THEN ', at second hand only' ELSE '' END AS reasons
 FROM series m
 LEFT JOIN quantity n ON n.topic_id = m.topic_id AND n.from_id = m.from_id
  AND n.to_id = m.to_id AND n.unit = m.unit
 WHERE m.is_latest = 1
  AND (CAST($1 AS TEXT) = '' OR m.topic_id = CAST($1 AS TEXT))
  AND (CAST($2 AS TEXT) = '' OR m.from_id = CAST($2 AS TEXT))
  AND (CAST($3 AS TEXT) = '' OR m.to_id = CAST($3 AS TEXT))
 ORDER BY m.topic_id, m.t DESC, m.origin_id, m.unit
 LIMIT CAST($4 AS BIGINT)) q
ORDER BY q.topic, q.as_of DESC, q.origin, q.unit
