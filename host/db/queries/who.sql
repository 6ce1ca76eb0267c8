-- about: who said it, hop by hop: 0 is the outlet, the highest the origin
-- param: topic text = only figures of this topic
-- param: figure text = only this figure (its id)
-- param: limit integer =200 most rows
WITH chosen AS (
 SELECT id FROM figure WHERE id = CAST($2 AS TEXT)
 UNION ALL
 SELECT * FROM (SELECT f.id FROM figure f JOIN document d ON d.id = f.document_id
  WHERE CAST($2 AS TEXT) = '' AND CAST($1 AS TEXT) <> ''
   AND f.topic_id = CAST($1 AS TEXT) AND f.is_current = 1
  ORDER BY d.fetched_at DESC, d.id, f.start_byte, f.id
  LIMIT CAST($3 AS BIGINT)) topical
 UNION ALL
 SELECT * FROM (SELECT f.id FROM document d CROSS JOIN figure f
  WHERE CAST($2 AS TEXT) = '' AND CAST($1 AS TEXT) = ''
   AND f.document_id = d.id AND f.is_current = 1
  ORDER BY d.fetched_at DESC, d.id, f.start_byte, f.id
  LIMIT CAST($3 AS BIGINT)) recent)
SELECT f.text AS figure, a.hop, a.role, COALESCE(e.name, a.name) AS who, a.verb,
 a.stance, f.lang, d.url, a.figure_id
FROM chosen c
CROSS JOIN figure f
CROSS JOIN attribution a
CROSS JOIN document d
LEFT JOIN entity e ON e.id = a.entity_id
WHERE f.id = c.id AND f.is_current = 1 AND a.figure_id = f.id AND d.id = f.document_id
 AND (CAST($1 AS TEXT) = '' OR f.topic_id = CAST($1 AS TEXT))
ORDER BY d.fetched_at DESC, d.id, f.start_byte, f.id, a.hop
LIMIT CAST($3 AS BIGINT)
