-- about: what one document gives from two origins that cannot both be right
-- param: document text the document
INSERT INTO figure_link(a, b, kind, score, made_by)
SELECT a.id, b.id, 'contradicts', 1, 'store.figures'
FROM figure a
JOIN figure b ON b.document_id = a.document_id AND b.topic_id = a.topic_id
 AND b.is_current = 1 AND b.unit IS NOT DISTINCT FROM a.unit
JOIN attribution x ON x.figure_id = a.id
 AND x.hop = (SELECT max(hop) FROM attribution z WHERE z.figure_id = a.id)
JOIN attribution y ON y.figure_id = b.id
 AND y.hop = (SELECT max(hop) FROM attribution z WHERE z.figure_id = b.id)
WHERE a.document_id = CAST($1 AS TEXT) AND a.is_current = 1
 AND a.eff_high * 1.1 < b.eff_low AND x.hop > 0 AND y.hop > 0
 AND a.as_of IS NOT DISTINCT FROM b.as_of
 AND COALESCE(x.entity_id, x.name) <> COALESCE(y.entity_id, y.name)
ON CONFLICT(a, b, kind) DO NOTHING
