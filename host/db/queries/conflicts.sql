-- about: origins that cannot both be right, with a tenth of slack, the widest gap first
-- param: topic text = only this topic
-- param: limit integer =100 most rows
-- origin_a says less than origin_b. Where the edges of one origin cross, a pair could be
-- found from both sides; it is taken from the side of the smaller id.
SELECT a.topic_id AS topic, NULLIF(a.from_id, '') AS from_id,
 NULLIF(a.to_id, '') AS to_id, NULLIF(a.unit, '') AS unit, a.origin_id AS origin_a,
 a.m_low AS a_low, a.m_high AS a_high, b.origin_id AS origin_b, b.m_low AS b_low,
 b.m_high AS b_high, a.t AS a_as_of, b.t AS b_as_of
FROM quantity q
CROSS JOIN series a
CROSS JOIN series b
WHERE q.least_high * 1.1 < q.greatest_low
 AND (CAST($1 AS TEXT) = '' OR q.topic_id = CAST($1 AS TEXT))
 AND a.topic_id = q.topic_id AND a.from_id = q.from_id AND a.to_id = q.to_id
 AND a.unit = q.unit AND a.is_latest = 1 AND a.m_high IS NOT NULL
 AND b.topic_id = q.topic_id AND b.from_id = q.from_id AND b.to_id = q.to_id
 AND b.unit = q.unit AND b.is_latest = 1 AND b.m_low > a.m_high * 1.1
 AND a.origin_id <> b.origin_id
 AND (a.origin_id < b.origin_id OR a.m_low IS NULL OR b.m_high IS NULL
  OR NOT b.m_high * 1.1 < a.m_low)
ORDER BY q.topic_id, q.from_id, q.to_id, q.unit, a.m_high, a.origin_id, b.m_low DESC,
 b.origin_id
LIMIT CAST($2 AS BIGINT)
