-- about: who said it, hop by hop: 0 is the outlet, the highest the origin
-- param: topic text = only figures of this topic
-- param: figure text = only this figure (its id)
-- param: limit integer =200 most rows
SELECT f.text AS figure, a.hop, a.role, COALESCE(e.name, a.name) AS who, a.verb,
 a.stance, f.lang, d.url, a.figure_id
FROM attribution a
JOIN figure f ON f.id = a.figure_id
JOIN document d ON d.id = f.document_id
LEFT JOIN entity e ON e.id = a.entity_id
WHERE f.is_current = 1
 AND (CAST($1 AS TEXT) = '' OR f.topic_id = CAST($1 AS TEXT))
 AND (CAST($2 AS TEXT) = '' OR f.id = CAST($2 AS TEXT))
ORDER BY d.fetched_at DESC, d.id, f.start_byte, f.id, a.hop
LIMIT CAST($3 AS BIGINT)
