-- about: one origin repeated by several outlets: how many, in how many languages
-- param: topic text = only this topic
-- param: outlets integer =2 at least so many outlets
-- param: limit integer =100 most rows
SELECT origin_id AS origin, topic_id AS topic, work_id AS work,
 count(DISTINCT outlet) AS outlets, count(DISTINCT lang) AS langs,
 count(DISTINCT document_id) AS docs, min(said_at) AS first_said
FROM v_claim
WHERE CAST($1 AS TEXT) = '' OR topic_id = CAST($1 AS TEXT)
GROUP BY origin_id, topic_id, work_id
HAVING count(DISTINCT outlet) >= CAST($2 AS BIGINT)
ORDER BY count(DISTINCT outlet) DESC, origin_id, topic_id, work_id
LIMIT CAST($3 AS BIGINT)
