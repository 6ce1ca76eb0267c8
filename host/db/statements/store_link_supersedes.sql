-- about: what a new version of a page says otherwise than the one before it
-- param: document text the document
INSERT INTO figure_link(a, b, kind, score, made_by)
SELECT n.id, o.id, 'supersedes', 1, 'store.figures'
FROM document d
JOIN figure n ON n.document_id = d.id AND n.is_current = 1
JOIN figure o ON o.document_id = d.prev_id AND o.is_current = 1
 AND o.topic_id = n.topic_id AND o.kind = n.kind
WHERE d.id = CAST($1 AS TEXT) AND n.bound <> 'vague' AND o.bound <> 'vague'
 AND NOT EXISTS(SELECT 1 FROM figure s WHERE s.document_id = d.id AND s.is_current = 1
  AND s.topic_id = o.topic_id AND s.bound = o.bound
  AND s.unit IS NOT DISTINCT FROM o.unit AND s.value_dec IS NOT DISTINCT FROM o.value_dec
  AND s.low_dec IS NOT DISTINCT FROM o.low_dec
  AND s.high_dec IS NOT DISTINCT FROM o.high_dec)
 AND NOT EXISTS(SELECT 1 FROM figure s WHERE s.document_id = d.prev_id
  AND s.is_current = 1 AND s.topic_id = n.topic_id AND s.bound = n.bound
  AND s.unit IS NOT DISTINCT FROM n.unit AND s.value_dec IS NOT DISTINCT FROM n.value_dec
  AND s.low_dec IS NOT DISTINCT FROM n.low_dec
  AND s.high_dec IS NOT DISTINCT FROM n.high_dec)
ON CONFLICT(a, b, kind) DO NOTHING
