-- about: origins that cannot both be right, with a tenth of slack
-- param: topic text = only this topic
-- param: limit integer =100 most rows
SELECT topic_id AS topic, from_id, to_id, unit, origin_a, a_low, a_high,
 origin_b, b_low, b_high
FROM v_conflict
WHERE CAST($1 AS TEXT) = '' OR topic_id = CAST($1 AS TEXT)
ORDER BY topic_id, origin_a, origin_b, unit
LIMIT CAST($2 AS BIGINT)
